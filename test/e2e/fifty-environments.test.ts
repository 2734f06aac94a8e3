import { readdirSync } from 'node:fs';
import { OutboundAuthApp } from '../../lib/outbound-auth-app.ts';
import type { CfnResource } from '../lib/templates.ts';

/** Names as long as they may be, which differ at their ends. */
const names = Array.from({ length: 50 }, (_, index) => `payments-in-eu-central-1-no-${String(index).padStart(2, '0')}`);
const account = { account: '111122223333', region: 'eu-central-1' };
const environments = Object.fromEntries(
  names.map((name) => [name, { ...account, secret: `${name}/openai`, callersWithoutUser: true }]),
);

/** Properties by which AWS knows a resource in an account and Region. */
const physicalNames = [
  'AgentRuntimeName',
  'CredentialProviderName',
  'FunctionName',
  'Name',
  'RoleName',
  'LogGroupName',
];

test('fifty environments of one account are synthesized, each with names of its own, from bundles that are built once', () => {
  const app = new OutboundAuthApp({ context: { environments, '@aws-cdk/core:appMode': 'inmemory' } });
  const stacks = app.synth().stacksRecursively;

  expect(stacks).toHaveLength(100);
  expect(new Set(stacks.map(({ stackName }) => stackName)).size).toBe(100);

  const named = stacks.flatMap(({ template }) =>
    Object.values(template.Resources as Record<string, CfnResource>).flatMap(({ Type, Properties = {} }) =>
      physicalNames
        // An endpoint has a name within its runtime.
        .filter((name) => typeof Properties[name] === 'string' && Type !== 'AWS::BedrockAgentCore::RuntimeEndpoint')
        .map((name) => `${Type} ${name} ${Properties[name]}`),
    ),
  );
  // A runtime, a workload identity, a credential provider and two handlers for each.
  expect(named.length).toBeGreaterThanOrEqual(5 * 50);
  expect(named.filter((each, index) => named.indexOf(each) !== index)).toEqual([]);

  // The agent's image, and the handlers of the credential provider and of the log groups.
  const bundles = readdirSync(app.outdir).filter((name) => name.startsWith('asset.'));
  expect(bundles).toHaveLength(3);
  // Generous: what is looked for is anything that grows faster than the environments do.
}, 180_000);
