import type { Aws } from '../../../local-aws/aws.ts';
import type { ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { retryDelays } from '../../../local-aws/lambda/async-invocation.ts';
import { lambdaResources } from '../../../local-aws/lambda/resources.ts';
import { contextFor, eventually, openAccount, putRole, region, upload } from './support.ts';

const type = 'Custom::Thing';
const custom = lambdaResources.find((provider) => provider.type === 'Custom::') as ResourceProvider;
let aws: Aws;
let close: () => Promise<void>;
let role: string;

beforeAll(async () => {
  ({ aws, close } = await openAccount());
  role = putRole(aws, 'handler', 'lambda.amazonaws.com', [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }]).arn;
  retryDelays.milliseconds = [10, 10];
});
afterAll(() => close());

/** A function that answers with what `body` evaluates to; `event` is the event, `put` sends. */
async function handler(name: string, body: string): Promise<string> {
  const source = `
    const put = (event, response, headers = { 'content-type': '' }) => fetch(event.ResponseURL, { method: 'PUT', headers,
      body: typeof response === 'string' ? response : JSON.stringify({ StackId: event.StackId,
        RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...response }) });
    export const handler = async (event) => { ${body} };`;
  const { arn } = await aws.functions.create(region, {
    functionName: name,
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    role,
    code: upload(aws, { 'index.mjs': source }),
    timeout: 10,
  });
  return arn;
}

const context = () => contextFor(aws, 'Thing', type);

it('hands CloudFormation’s event to the function, every scalar as a string, and takes its answer', async () => {
  const ServiceToken = await handler(
    'echo',
    `await put(event, { Status: 'SUCCESS', PhysicalResourceId: 'thing-1', Data: { Event: event } });`,
  );
  const properties = { ServiceToken, Flag: true, Count: 3, Nested: { List: [1, false, 'x'] } };
  const created = await custom.create(context(), properties);
  expect(created.physicalId).toBe('thing-1');
  const strings = { ServiceToken, Flag: 'true', Count: '3', Nested: { List: ['1', 'false', 'x'] } };
  expect(created.attributes.Event).toEqual({
    RequestType: 'Create',
    ServiceToken,
    ResponseURL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/_local-aws\/custom-resource-response\/[\w-]{43}$/),
    StackId: context().stackId,
    RequestId: expect.stringMatching(/^[\da-f-]{36}$/),
    LogicalResourceId: 'Thing',
    ResourceType: type,
    ResourceProperties: strings,
  });
  const updated = await custom.update(context(), 'thing-1', { ServiceToken, Count: 4 }, properties);
  expect(updated.attributes.Event).toMatchObject({
    RequestType: 'Update',
    PhysicalResourceId: 'thing-1',
    ResourceProperties: { ServiceToken, Count: '4' },
    OldResourceProperties: strings,
  });
});

it('reports a FAILED answer in CloudFormation’s words, with the id that the rollback deletes', async () => {
  const ServiceToken = await handler(
    'failing',
    `await put(event, { Status: 'FAILED', Reason: 'no such thing', PhysicalResourceId: 'half-made' });`,
  );
  await expect(custom.create(context(), { ServiceToken })).rejects.toMatchObject({
    message: expect.stringMatching(
      /^Received response status \[FAILED\] from custom resource\. Message returned: no such thing \(RequestId: [\da-f-]{36}\)$/,
    ),
    physicalId: 'half-made',
  });
});

it('gives up after ServiceTimeout, in CloudFormation’s words', async () => {
  const ServiceToken = await handler('silent', '');
  await expect(custom.create(context(), { ServiceToken, ServiceTimeout: '1' })).rejects.toMatchObject({
    message: expect.stringMatching(
      /^CloudFormation did not receive a response from your Custom Resource\. Please check your logs for requestId \[[\da-f-]{36}\]\./,
    ),
    physicalId: 'Stack-Thing-RANDOM',
  });
});

it('repeats an event twice when the function fails on it, and takes the answer of the third try', async () => {
  const ServiceToken = await handler(
    'third-time',
    `globalThis.tries = (globalThis.tries ?? 0) + 1;
     if (globalThis.tries < 3) throw new Error('not yet');
     await put(event, { Status: 'SUCCESS', PhysicalResourceId: String(globalThis.tries) });`,
  );
  expect((await custom.create(context(), { ServiceToken })).physicalId).toBe('3');
});

it('fails as after ServiceTimeout, but at once, when Lambda has tried for the last time', async () => {
  const ServiceToken = await handler('hopeless', `throw new Error('never');`);
  const started = Date.now();
  await expect(custom.create(context(), { ServiceToken })).rejects.toThrow('CloudFormation did not receive a response');
  expect(Date.now() - started).toBeLessThan(5000);
});

it('hands an event that the function failed on to the end to its dead-letter queue', async () => {
  const queue = aws.queues.create(region, 'dead-letters');
  aws.iam.role('handler').inlinePolicies.set('Send', {
    Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue.arn },
  });
  const ServiceToken = await handler('lettered', `throw new Error('never');`);
  await aws.functions.update(region, {
    ...aws.functions.get(region, ServiceToken).configuration,
    deadLetterTarget: queue.arn,
  });
  await expect(custom.create(context(), { ServiceToken })).rejects.toThrow('did not receive a response');
  expect(queue.messages.map(({ body }) => JSON.parse(body))).toMatchObject([{ RequestType: 'Create' }]);
});

it('serves a resource of another stack and another type by the same function', async () => {
  const ServiceToken = await handler(
    'shared',
    `await put(event, { Status: 'SUCCESS', PhysicalResourceId: event.StackId + event.ResourceType });`,
  );
  const other = { ...contextFor(aws, 'InUse', 'Custom::CredentialProviderInUse'), stackId: 'arn:other-stack' };
  expect((await custom.create(context(), { ServiceToken })).physicalId).toBe(`${context().stackId}${type}`);
  expect((await custom.create(other, { ServiceToken })).physicalId).toBe(
    'arn:other-stackCustom::CredentialProviderInUse',
  );
});

it('repeats an event whose function was killed in the middle, and takes the answer of the next run', async () => {
  const ServiceToken = await handler(
    'killed',
    `const { existsSync, writeFileSync } = await import('node:fs');
     const marker = event.ResourceProperties.Marker;
     if (!existsSync(marker)) { writeFileSync(marker, ''); console.log('begun'); await new Promise((r) => setTimeout(r, 9000)); }
     await put(event, { Status: 'SUCCESS', PhysicalResourceId: 'second-run' });`,
  );
  const made = custom.create(context(), { ServiceToken, Marker: `${aws.directory}/marker` });
  const hasBegun = () => aws.logs.events(region, '/aws/lambda/killed').some(({ message }) => message.endsWith('begun'));
  await eventually(hasBegun);
  await aws.functions.kill(region, ServiceToken);
  expect((await made).physicalId).toBe('second-run');
});

it('does not try a fourth time', async () => {
  const ServiceToken = await handler('never', `console.log('try'); throw new Error('never');`);
  await expect(custom.create(context(), { ServiceToken, ServiceTimeout: 2 })).rejects.toThrow('did not receive');
  const tries = aws.logs.events(region, '/aws/lambda/never').filter(({ message }) => message.endsWith('\ttry'));
  expect(tries).toHaveLength(3);
});

it('takes one answer for each event: a second PUT is refused, and the first counts', async () => {
  const ServiceToken = await handler(
    'twice',
    `await put(event, { Status: 'SUCCESS', PhysicalResourceId: 'first' });
     const second = await put(event, { Status: 'FAILED', Reason: 'changed my mind' });
     console.log('second', second.status);`,
  );
  expect((await custom.create(context(), { ServiceToken })).physicalId).toBe('first');
  const logged = () =>
    aws.logs.events(region, '/aws/lambda/twice').some(({ message }) => message.endsWith('second 403'));
  expect(await eventually(logged)).toBe(true);
});

it.each([
  ['too long', `'x'.repeat(4097)`, 'Response object is too long.'],
  ['not JSON', `'no json'`, 'Invalid Response object'],
  ['without a status', `{ PhysicalResourceId: 'x' }`, 'Invalid Response object: Status is undefined.'],
  ['without an id', `{ Status: 'SUCCESS' }`, 'Invalid PhysicalResourceId'],
])('refuses an answer that is %s', async (title, answer, message) => {
  const ServiceToken = await handler(title.replaceAll(' ', '-'), `await put(event, ${answer});`);
  await expect(custom.create(context(), { ServiceToken })).rejects.toThrow(message);
});

it('refuses an answer with a Content-Type, as the presigned URL of some Regions does', async () => {
  const ServiceToken = await handler(
    'typed',
    `const { status } = await put(event, { Status: 'SUCCESS', PhysicalResourceId: 'typed' }, {});
     await put(event, { Status: 'SUCCESS', PhysicalResourceId: String(status) });`,
  );
  expect((await custom.create(context(), { ServiceToken })).physicalId).toBe('403');
});

it('answers nobody who guesses a ResponseURL', async () => {
  const { status } = await fetch(`${aws.endpoint}/_local-aws/custom-resource-response/guess`, {
    method: 'PUT',
    body: '{}',
    headers: { 'content-type': '' },
  });
  expect(status).toBe(403);
});

it('calls the function with the permissions of the stack’s role', async () => {
  const ServiceToken = await handler('guarded', '');
  const deployer = putRole(aws, 'deployer', 'cloudformation.amazonaws.com', []).arn;
  await expect(custom.create(contextFor(aws, 'Thing', type, deployer), { ServiceToken })).rejects.toThrow(
    /is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-west-1:111122223333:function:guarded/,
  );
});

it('refuses what it cannot call, and a function that changes', async () => {
  await expect(custom.create(context(), { ServiceToken: 'arn:aws:sns:eu-west-1:111122223333:topic' })).rejects.toThrow(
    'local-aws does not support the ServiceToken arn:aws:sns',
  );
  await expect(custom.create(context(), {})).rejects.toThrow('Property ServiceToken cannot be empty.');
  expect(() => custom.update(context(), 'x', { ServiceToken: 'a' }, { ServiceToken: 'b' })).toThrow(
    'Modifying service token is not allowed.',
  );
});
