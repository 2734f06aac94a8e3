import { join } from 'node:path';
import type { ModelSettings } from '../../agent/src/model-settings.ts';
import type { Environment } from '../../lib/environments/index.ts';
import { identityOutputs } from '../../lib/outputs.ts';
import { stackName } from '../../lib/stack-name.ts';
import type { RecordedEvent } from '../../local-aws/cloudformation/stack.ts';
import type { LocalAws } from '../../local-aws/index.ts';
import { bold, detail, dim, green, red, step } from '../terminal.ts';
import { clientEnvironment, dockerStandIn, type LocalClient } from './environment.ts';
import type { Model } from './model.ts';

export function beginning(aws: LocalAws, region: string, model: Model): void {
  step(
    'Model',
    model.offline ? `offline model ${dim('(set OPENAI_API_KEY to ask OpenAI instead)')}` : nameOf(model.settings),
  );
  step('AWS', `account ${aws.account}, ${region} ${dim(`(local-aws on this machine, ${aws.endpoint})`)}`);
}

function nameOf(settings: ModelSettings): string {
  return settings.provider === 'azure'
    ? `Azure OpenAI, deployment ${settings.deployment} at ${settings.endpoint}`
    : (settings.baseUrl ?? 'OpenAI');
}

export function secret(environment: Environment): void {
  step(
    'Secret',
    `${environment.secret} holds the key ${dim('(in Secrets Manager; the credential provider will refer to it)')}`,
  );
}

/**
 * Shows each resource as CloudFormation gets it done.
 *
 * @returns shows the last of them and ends the showing
 */
export function deployment(aws: LocalAws, region: string): () => void {
  const began = Date.now();
  step(
    'Deploy',
    `npx cdk deploy 'dev/*' ${dim('(no container image is built: its files are laid out and run on this machine)')}`,
  );
  const shown = new Set<string>();
  const showNew = () => {
    const events = aws.stacks.list(region).flatMap(({ events }) => events);
    for (const event of events.sort((a, b) => a.timestamp.getTime() - b.timestamp.getTime())) {
      if (shown.has(event.id)) continue;
      shown.add(event.id);
      if (/_(COMPLETE|FAILED)$/.test(event.status)) detail(resourceLine(event, event.timestamp.getTime() - began));
    }
  };
  const timer = setInterval(showNew, 100);
  return () => {
    clearInterval(timer);
    showNew();
  };
}

function resourceLine({ type, logicalId, status, reason }: RecordedEvent, milliseconds: number): string {
  const failed = status.endsWith('_FAILED') || status.includes('ROLLBACK');
  const mark = failed ? red('✗') : status === 'DELETE_COMPLETE' ? dim('–') : green('✓');
  const what = status === 'DELETE_COMPLETE' ? dim('removed') : failed && reason ? reason : '';
  const name = type === 'AWS::CloudFormation::Stack' ? bold(logicalId) : logicalId;
  const time = dim(`${(milliseconds / 1000).toFixed(1).padStart(5)} s`);
  return `${time}  ${mark} ${dim(type.padEnd(33))} ${name}${what && `: ${what}`}`;
}

export function question(prompt: string): void {
  process.stdout.write(`${bold('Ask'.padEnd(9))}${prompt}\n${green('Answer'.padEnd(9))}`);
}

export function endOfAnswer(): void {
  process.stdout.write('\n');
}

export function created(aws: LocalAws, environment: Environment, region: string, runtimeArn: string): void {
  const { outputs } = aws.stacks.get(region, stackName(environment, 'identity'));
  const output = (name: string) => outputs.find(({ key }) => key === name)?.value ?? 'unknown';
  step('Created', `stacks ${stackName(environment, 'identity')} and ${stackName(environment, 'agent')}`);
  detail(`credential provider  ${output(identityOutputs.credentialProviderArn)}`);
  detail(`refers to secret     ${output(identityOutputs.secretArn)}`);
  detail(`agent runtime        ${runtimeArn}`);
}

export function sameOnAws(environment: Environment): void {
  process.stdout.write(`
${bold('The same on AWS')} ${dim('(with credentials and Region of your account in place)')}
  npm run up -- --environment ${environment.name}
  npm run invoke -- --environment ${environment.name} "How much is 2X2?"
`);
}

export function staying(
  aws: LocalAws,
  client: LocalClient,
  runtimeArn: string,
  environment: Environment,
  deploy: readonly string[],
): void {
  const variables = {
    ...clientEnvironment(client),
    CDK_DOCKER: dockerStandIn,
    LOCAL_AWS_DOCKER_STATE: join(aws.directory, 'docker'),
  };
  const exports = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  process.stdout.write(`
AWS endpoint: ${client.endpoint}
Runtime ARN: ${runtimeArn}

In another terminal:
  export ${exports.join(' ')}
  npm run invoke -- --environment ${environment.name} "How much is 2X2?"
  npx cdk ${deploy.map(quoted).join(' ')}

Ctrl-C ends it.
`);
}

/** As a shell reads it. */
function quoted(argument: string): string {
  return /^[\w-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
