import type { Aws } from '../../../local-aws/aws.ts';
import { AwsError } from '../../../local-aws/errors.ts';
import { awsJsonService } from '../../../local-aws/http/aws-json.ts';
import { queryService } from '../../../local-aws/http/query.ts';
import { restJsonService } from '../../../local-aws/http/rest-json.ts';
import type { Call, Operation } from '../../../local-aws/service.ts';
import { type Started, startServices } from './start-services.ts';

const at = new Date('2026-11-01T12:00:00.250Z');
const operations: Record<string, Operation> = {
  Echo: (input) => input,
  When: () => ({ At: at, Nothing: undefined }),
  Nothing: () => undefined,
  Fail: () => {
    throw new AwsError('ThingNotFoundException', 'There is no <thing> & no "other".', 404);
  },
  Break: () => {
    throw new TypeError('undefined is not a function');
  },
  Guarded: (_input, call: Call) => call.authorize('thing:Guarded', 'arn:aws:thing:::a'),
};

const jsonThing = () => awsJsonService({ signingName: 'thing', title: 'Thing', operations });
const queryThing = () =>
  queryService({ signingName: 'querything', title: 'Query Thing', xmlNamespace: 'https://thing/', operations });
const restThing = () =>
  restJsonService({
    signingName: 'restthing',
    title: 'Rest Thing',
    routes: [
      { name: 'GetThing', method: 'GET', path: '/things/{id}/', run: (_input, _call, labels) => ({ ...labels, at }) },
      { name: 'PutThing', method: 'PUT', path: '/things/{id}', status: 204, run: () => undefined },
      { name: 'Raw', method: 'POST', path: '/raw', rawPayload: true, run: (body: Buffer) => ({ bytes: body.length }) },
      {
        name: 'Stream',
        method: 'GET',
        path: '/stream',
        run: () => ({ httpResponse: { status: 200, body: pieces() } }),
      },
    ],
  });

async function* pieces() {
  yield Buffer.from('one ');
  yield Buffer.from('two');
}

let started: Started;
beforeEach(async () => {
  started = await startServices(() => undefined, [jsonThing, queryThing, restThing]);
});
afterEach(() => started.close());

const sendJson = (operation: string, body = '{}', accessKeyId = 'test') =>
  started.send({ service: 'thing', headers: { 'x-amz-target': `Thing_2026.${operation}` }, body, accessKeyId });
const sendForm = (form: string, accessKeyId = 'test') =>
  started.send({
    service: 'querything',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: form,
    accessKeyId,
  });
const faults = (aws: Aws) => aws.faults.map(({ message }) => message);

describe('every protocol', () => {
  test('a request that is not signed is refused', async () => {
    const response = await fetch(started.endpoint, { method: 'POST' });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationToken' });
  });

  test('a signature whose scope cannot be read is refused', async () => {
    const response = await fetch(started.endpoint, { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b' } });
    expect(await response.json()).toMatchObject({ __type: 'IncompleteSignature' });
  });

  test('an unknown service is refused by name, in the form that the client reads', async () => {
    const json = await started.send({
      service: 'dynamodb',
      headers: { 'x-amz-target': 'DynamoDB.GetItem' },
      body: '{}',
    });
    expect(await json.json()).toEqual({
      __type: 'NotSupportedByLocalAws',
      message: 'local-aws does not support the service "dynamodb".',
    });
    const form = await started.send({
      service: 'iam',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=ListUsers',
    });
    expect(await form.text()).toContain('<Code>NotSupportedByLocalAws</Code>');
  });

  test('a bug of local-aws is a 4xx, which no SDK repeats, and is kept as a fault', async () => {
    const response = await sendJson('Break');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'LocalAwsFault' });
    expect(faults(started.aws)).toEqual(['undefined is not a function']);
  });

  test('the journal says who called what, and what came of it, but nothing of the input', async () => {
    await sendJson('Echo', '{"SecretString":"sk-1"}');
    await sendJson('Fail');
    expect(started.aws.journal).toMatchObject([
      { service: 'thing', operation: 'Echo', region: 'eu-central-1', status: 200 },
      { service: 'thing', operation: 'Fail', status: 400, errorCode: 'ThingNotFoundException' },
    ]);
    expect(JSON.stringify(started.aws.journal)).not.toContain('sk-1');
  });
});

describe('AWS JSON', () => {
  test('JSON goes in and out', async () => {
    expect(await (await sendJson('Echo', '{"a":[1,{"b":"ü"}]}')).json()).toEqual({ a: [1, { b: 'ü' }] });
  });

  test('times are seconds since 1970, and nothing is an empty object', async () => {
    expect(await (await sendJson('When')).json()).toEqual({ At: at.getTime() / 1000 });
    expect(await (await sendJson('Nothing')).json()).toEqual({});
  });

  test('an error has its code in body and header, and the status 400', async () => {
    const response = await sendJson('Fail');
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe('ThingNotFoundException');
    expect(await response.json()).toEqual({
      __type: 'ThingNotFoundException',
      message: 'There is no <thing> & no "other".',
    });
  });

  test.each(['{', 'null', '[]', '"text"'])('the body %s is refused', async (body) => {
    expect(await (await sendJson('Echo', body)).json()).toMatchObject({ __type: 'SerializationException' });
    expect(started.aws.faults).toEqual([]);
  });

  test.each(['Other', 'constructor', '__proto__'])('the operation %s is refused by name', async (name) => {
    expect(await (await sendJson(name)).json()).toEqual({
      __type: 'NotSupportedByLocalAws',
      message: `local-aws does not support Thing: ${name}.`,
    });
  });

  test('a key that is not known any more is an UnrecognizedClientException', async () => {
    const response = await sendJson('Echo', '{}', 'ASIALOCAL0123456789A');
    expect(await response.json()).toMatchObject({ __type: 'UnrecognizedClientException' });
  });

  test('a call that the policies do not allow is refused', async () => {
    started.role('nobody');
    const { accessKeyId } = started.client('nobody').credentials;
    const response = await sendJson('Guarded', '{}', accessKeyId);
    expect(await response.json()).toEqual({
      __type: 'AccessDeniedException',
      message:
        'User: arn:aws:sts::111122223333:assumed-role/nobody/test is not authorized to perform: thing:Guarded on resource: arn:aws:thing:::a because no identity-based policy allows the thing:Guarded action',
    });
  });
});

describe('the query protocol', () => {
  test('a form goes in, XML comes out', async () => {
    const response = await sendForm('Action=Echo&Version=2026-01-01&Name=a%26b&Outer.Inner=x+y');
    expect(response.headers.get('content-type')).toBe('text/xml');
    expect(await response.text()).toMatch(
      /^<EchoResponse xmlns="https:\/\/thing\/"><EchoResult><Name>a&amp;b<\/Name><Outer><Inner>x y<\/Inner><\/Outer><\/EchoResult><ResponseMetadata><RequestId>[\w-]+<\/RequestId><\/ResponseMetadata><\/EchoResponse>$/,
    );
  });

  test('lists keep their order beyond nine, and hold structures', async () => {
    const members = Array.from({ length: 11 }, (_, index) => `Tags.member.${index + 1}.Key=k${index + 1}`);
    const text = await (await sendForm(`Action=Echo&${members.toReversed().join('&')}`)).text();
    expect([...text.matchAll(/<Key>(k\d+)</g)].map(([, key]) => key)).toEqual(
      members.map((_, index) => `k${index + 1}`),
    );
  });

  test('a parameter named like a prototype changes none', async () => {
    await sendForm('Action=Echo&__proto__.polluted=yes&constructor.prototype.polluted=yes');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  test('times are ISO strings, and what XML cannot hold is replaced', async () => {
    expect(await (await sendForm('Action=When')).text()).toContain('<At>2026-11-01T12:00:00.250Z</At>');
    expect(await (await sendForm('Action=Echo&Text=a%1B%5B31mb')).text()).toContain('<Text>a\uFFFD[31mb</Text>');
  });

  test('an error has its code, message and status', async () => {
    const response = await sendForm('Action=Fail');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain(
      '<Error><Type>Sender</Type><Code>ThingNotFoundException</Code><Message>There is no &lt;thing&gt; &amp; no &quot;other&quot;.</Message></Error>',
    );
  });

  test('calls a refusal AccessDenied, as its services do', async () => {
    started.role('nobody');
    const text = await (await sendForm('Action=Guarded', started.client('nobody').credentials.accessKeyId)).text();
    expect(text).toContain('<Code>AccessDenied</Code>');
  });

  test('an unknown operation is refused by name', async () => {
    expect(await (await sendForm('Action=Other')).text()).toContain('local-aws does not support Query Thing: Other.');
  });
});

describe('REST JSON', () => {
  const send = (method: string, path: string, body?: string) =>
    started.send({ service: 'restthing', method, path, ...(body === undefined ? {} : { body }) });

  test('labels of the path are decoded, a slash at the end does not matter, times are ISO strings', async () => {
    expect(await (await send('GET', '/things/a%2Fb')).json()).toEqual({ id: 'a/b', at: '2026-11-01T12:00:00.250Z' });
    expect((await send('GET', '/things/a/')).status).toBe(200);
  });

  test('a path that is not percent-encoded as it should be is refused, and is no fault', async () => {
    expect(await (await send('GET', '/things/%E0%A4%A')).json()).toMatchObject({ __type: 'ValidationException' });
    expect(started.aws.faults).toEqual([]);
  });

  test('a 204 has no body', async () => {
    const response = await send('PUT', '/things/a', '{}');
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  test('a raw payload need not be JSON', async () => {
    expect(await (await send('POST', '/raw', 'not json')).json()).toEqual({ bytes: 8 });
  });

  test('a stream arrives whole', async () => {
    expect(await (await send('GET', '/stream')).text()).toBe('one two');
  });

  test('another method or path is refused by name', async () => {
    expect(await (await send('DELETE', '/things/a')).json()).toMatchObject({
      message: 'local-aws does not support Rest Thing: DELETE /things/a.',
    });
  });
});
