import { refuseProtected, refuseSharedSecret } from '../../../cli/down/down.ts';
import { type Item, logGroupPrefixes, runtimeIdOf } from '../../../cli/down/item.ts';
import { keptOf, reportOf } from '../../../cli/down/report.ts';
import { type Environment, readEnvironments } from '../../../lib/environments/index.ts';
import { protectedRows, sharedSecretRow } from './rows.ts';

const environmentWith = (settings: object = {}) =>
  readEnvironments({ dev: { secret: 'team/openai', ...settings } })[0] as Environment;
const dev = environmentWith();
const here = { account: '111122223333', region: 'us-east-1' };
const logsOfAgentCore = '/aws/bedrock-agentcore/runtimes/outbound_auth_dev-AbCdEfGhIj-DEFAULT';

describe('the report of down', () => {
  const before: Item[] = [
    { kind: 'stack', name: 'outbound-auth-dev-agent', state: 'UPDATE_COMPLETE' },
    { kind: 'runtime', name: 'outbound_auth_dev-AbCdEfGhIj' },
    { kind: 'credential provider', name: 'outbound-auth-dev-openai-c3f848' },
    { kind: 'log group of the agent', name: logsOfAgentCore },
    { kind: 'secret', name: 'team/openai' },
    { kind: 'bootstrap', name: 'CDKToolkit' },
  ];

  test('calls deleted what is gone, and kept what is there, with why and what it costs', () => {
    const { deleted, kept } = reportOf(dev, before, before.slice(3), new Map());
    expect(deleted.map(({ kind }) => kind)).toEqual(['stack', 'runtime', 'credential provider']);
    expect(kept.map(({ kind, costs }) => [kind, costs])).toEqual([
      ['log group of the agent', 'by what it stores'],
      ['secret', 'a monthly fee'],
      ['bootstrap', 'by what it stores'],
    ]);
    expect(kept.every(({ why }) => why.length > 20)).toBe(true);
  });

  test('believes the account, not the command: a stack that is still there was not deleted', () => {
    const after: Item[] = [{ kind: 'stack', name: 'outbound-auth-dev-agent', state: 'DELETE_FAILED: Role in use' }];
    const { deleted, kept } = reportOf(dev, before.slice(0, 1), after, new Map());
    expect(deleted).toEqual([]);
    expect(kept).toMatchObject([{ name: 'outbound-auth-dev-agent', why: 'it is DELETE_FAILED: Role in use' }]);
  });

  test('of a secret on its way out says until when it can be had back, and no fee', () => {
    const secret: Item = { kind: 'secret', name: 'team/openai', state: 'scheduled for deletion' };
    const back = 'aws secretsmanager restore-secret --secret-id team/openai';
    const { kept } = reportOf(dev, [secret], [secret], new Map([['team/openai', '2026-12-29']]));
    expect(kept[0]?.why).toBe(`it can be had back until 2026-12-29: ${back}`);
    expect(kept[0]?.costs).toBeUndefined();
    expect(keptOf(dev, secret).why).toBe(`it can be had back, until AWS deletes it: ${back}`);
  });

  test.each([
    [{ removalPolicy: 'retain' }, 'its removalPolicy is retain'],
    [{ credentialProviderName: 'theirs', adoptExisting: true }, 'it was there before, and was only adopted'],
    [{ production: true }, 'in production it outlives its stack'],
  ])('of a credential provider says why: %j', (settings, why) => {
    expect(keptOf(environmentWith(settings), { kind: 'credential provider', name: 'x' }).why).toBe(why);
  });
});

describe('the log groups of an environment', () => {
  test('are those of runtimes of its name, of which no other can begin so, and of those it had under another', () => {
    const below = '/aws/bedrock-agentcore/runtimes/';
    expect(logGroupPrefixes(dev, ['outbound_auth_dev-AbCdEfGhIj', 'outbound_auth_dev_zip-0123456789'])).toEqual([
      `${below}outbound_auth_dev-`,
      `${below}outbound_auth_dev_zip-0123456789-`,
    ]);
  });

  test.each([
    [logsOfAgentCore, 'outbound_auth_dev-AbCdEfGhIj'],
    ['/aws/bedrock-agentcore/runtimes/outbound_auth_dev-AbCdEfGhIj-my-endpoint', 'outbound_auth_dev-AbCdEfGhIj'],
    ['/aws/bedrock-agentcore/runtimes/outbound_auth_dev-short-DEFAULT', undefined],
    ['/aws/lambda/outbound_auth_dev-AbCdEfGhIj-DEFAULT', undefined],
  ])('%s belongs to %s', (name, id) => {
    expect(runtimeIdOf(name)).toBe(id);
  });
});

describe('down refuses', () => {
  const stack = {
    StackName: 'outbound-auth-dev-agent',
    CreationTime: new Date(),
    StackStatus: 'CREATE_COMPLETE',
  } as const;

  test.each(protectedRows)('where %s', (_what, production, line) => {
    const stacks = { identity: undefined, agent: { ...stack, EnableTerminationProtection: true } };
    expect(() => refuseProtected(environmentWith({ production }), stacks)).toThrow(line);
  });

  test('where both stacks are protected, each with its command and its Region', () => {
    const prod = environmentWith({ region: 'eu-central-1' });
    const one = { ...stack, EnableTerminationProtection: true };
    const stacks = { identity: { ...one, StackName: 'outbound-auth-dev-identity' }, agent: one };
    const command = (name: string) =>
      `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name} --region eu-central-1`;
    expect(() => refuseProtected(prod, stacks)).toThrow(
      `The stacks outbound-auth-dev-identity and outbound-auth-dev-agent are protected from deletion: ${command('outbound-auth-dev-identity')} and ${command('outbound-auth-dev-agent')}, then`,
    );
  });

  test('no stack that is not protected', () => {
    expect(() => refuseProtected(dev, { identity: stack, agent: stack })).not.toThrow();
  });

  test(`where ${sharedSecretRow[0]}`, () => {
    const all = readEnvironments({
      dev: { secret: 'team/openai' },
      staging: { secret: 'team/staging', weather: { secret: 'team/openai' } },
      prod: { secret: 'team/prod' },
    });
    expect(() => refuseSharedSecret(dev, all, here)).toThrow(sharedSecretRow[1]);
    expect(() => refuseSharedSecret(all[2] as Environment, all, here)).not.toThrow();
  });

  const arn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:team/openai';
  const other = (settings: object) => readEnvironments({ dev: { secret: 'team/openai' }, other: settings });

  test.each([
    ['by its ARN', { secret: `${arn}-AbCdEf` }],
    ['by its ARN without the end', { secret: arn }],
    ['by its ARN, from another Region', { secret: arn, region: 'eu-central-1' }],
    ['by its name, in the account and Region at hand', { secret: 'team/openai', ...here }],
  ])('a secret that another environment names %s', (_how, settings) => {
    const [ours, theirs] = other(settings) as [Environment, Environment];
    expect(() => refuseSharedSecret(ours, [ours, theirs], here)).toThrow('The environment other has its key from');
    expect(() => refuseSharedSecret(theirs, [ours, theirs], here)).toThrow('The environment dev has its key from');
  });

  test.each([
    ['in another account', { secret: 'team/openai', account: '444455556666' }],
    ['in another Region', { secret: 'team/openai', region: 'eu-central-1' }],
    ['by an ARN of another account', { secret: `${arn}-AbCdEf`.replace('111122223333', '444455556666') }],
    ['that is longer', { secret: `${arn}-spare-AbCdEf` }],
  ])('no secret of the same name %s', (_where, settings) => {
    const all = other(settings);
    for (const each of all) expect(() => refuseSharedSecret(each, all, here)).not.toThrow();
  });
});
