import type { LocalAws } from '../../../local-aws/index.ts';
import type { JournalEntry } from '../../../local-aws/journal.ts';
import type { Exchange, Observation } from '../../../local-aws/observation.ts';
import { type CutMessage, cutExchange, cutModelRequest } from './cut.ts';
import type { FileWatch } from './file-watch.ts';
import { filesBelow, filesOfCheckout, type Material, material } from './material.ts';
import type { ModelFront } from './model-front.ts';
import type { AllowedId, PlaceId } from './places.ts';
import type { ProcessTable } from './process-table.ts';
import { tagsIn } from './tags.ts';

/** What a command printed, and who wrote the command. */
export interface Printed {
  readonly by: 'cdk' | 'us';
  readonly command: string;
  readonly output: string;
}

/** Where everything that a journey left can be read. */
export interface Evidence {
  readonly aws: LocalAws;
  readonly observations: readonly Observation[];
  readonly model: Pick<ModelFront, 'requests'>;
  readonly printed: readonly Printed[];
  /** The output folders of cdk. */
  readonly assemblies: readonly string[];
  /** The folder where the agents wrote their spans. */
  readonly spans: string;
  readonly processes: Pick<ProcessTable, 'commandLines' | 'environments'>;
  readonly temporaryFiles: Pick<FileWatch, 'files'>;
  readonly checkouts: readonly string[];
}

/** What there is to search, by place, and what was cut out of it because the key may be there. */
export interface Collected {
  readonly places: Readonly<Record<PlaceId, readonly Material[]>>;
  readonly allowed: Readonly<Record<AllowedId, readonly Material[]>>;
}

/** Collects what there is to search now. */
export function collect(evidence: Evidence): Collected {
  const { aws, observations, model, printed, processes } = evidence;
  const exchanges = exchangesOf(aws, observations);
  const modelRequests = model.requests.map(cutModelRequest);
  const of = <Kind extends Observation['kind']>(kind: Kind) =>
    observations.filter((each): each is Extract<Observation, { kind: Kind }> => each.kind === kind);
  const environments = (name: string) =>
    of('environment')
      .filter((each) => each.of === name)
      .map((each) => material(each.name, each.variables));
  const isAgentLog = (group: string) => group.startsWith('/aws/bedrock-agentcore/');
  const lines = (wanted: (group: string) => boolean) =>
    of('line')
      .filter(({ group }) => wanted(group))
      .map(({ group, stream, line }) => material(`${group} ${stream}`, line));
  const output = (by: Printed['by']) =>
    printed.filter((each) => each.by === by).map((each) => material(each.command, each.output));
  const invocations = of('invocation');
  const events = of('event').map(({ event }) => event);
  return {
    places: {
      assembly: evidence.assemblies.flatMap(filesBelow),
      published: published(aws),
      cloudFormationRequests: exchanges.filter(isOf('cloudformation')).map(({ request }) => request),
      stacks: [...stacksOf(aws), ...exchanges.filter(isOf('cloudformation')).map(({ response }) => response)],
      customResourceAnswers: exchanges
        .filter(({ path }) => path.startsWith('/_local-aws/custom-resource-response/'))
        .map(({ request }) => request),
      handlerEnvironment: environments('function'),
      handlerEvents: invocations.map(({ functionArn, event }) => material(functionArn, event)),
      handlerResults: invocations.map(({ functionArn, result }) => material(functionArn, result)),
      handlerLogs: lines((group) => !isAgentLog(group)),
      runtimeEnvironment: environments('runtime'),
      agentLogs: lines(isAgentLog),
      agentAnswers: exchanges.filter(isInvocation).map(({ response }) => response),
      traces: filesBelow(evidence.spans),
      cdkOutput: output('cdk'),
      ownOutput: output('us'),
      commandLines: [...processes.commandLines].map((line) => material('command line', line)),
      processEnvironments: [...processes.environments].map((each) => material('environment', withoutSetKey(each))),
      temporaryFiles: [...evidence.temporaryFiles.files],
      deadLetters: of('message').map(({ queueArn, message }) => material(queueArn, message)),
      events: events.map((event) => material(event.id, event)),
      trail: events
        .filter((event) => event['detail-type'].endsWith('via CloudTrail'))
        .map((event) => material(event.id, event.detail)),
      tags: [
        ...exchanges.flatMap(({ operation, exchange }) => tagsIn(exchange).map((tags) => material(operation, tags))),
        ...stacks(aws).map((stack) => material(stack.name, stack.configuration?.tags ?? {})),
      ],
      modelRequests: modelRequests.map(({ rest }) => rest),
      otherTraffic: exchanges
        .filter((each) => !isOf('cloudformation')(each))
        .flatMap((each) => (isInvocation(each) ? [each.request] : [each.request, each.response])),
      repository: evidence.checkouts.flatMap(filesOfCheckout),
    },
    allowed: {
      ...byField(exchanges.flatMap(({ cut }) => cut)),
      authorization: modelRequests.map(({ authorization }) => authorization),
    },
  };
}

interface Known {
  readonly exchange: Exchange;
  readonly service: string;
  readonly operation: string;
  readonly path: string;
  readonly request: Material;
  readonly response: Material;
  readonly cut: readonly CutMessage['cut'][number][];
}

/** The exchanges with the operations that the journal knows, without what is made for the key. */
function exchangesOf(aws: LocalAws, observations: readonly Observation[]): Known[] {
  const journal = new Map(aws.journal.map((entry): [string, JournalEntry] => [entry.requestId, entry]));
  return observations
    .filter((each): each is Exchange => each.kind === 'exchange')
    .map((exchange) => {
      const { service = 'none', operation = exchange.request.path } = journal.get(exchange.requestId) ?? {};
      return { exchange, service, operation, path: exchange.request.path, ...cutExchange(exchange, operation) };
    });
}

const isOf = (service: string) => (known: Known) => known.service === service;
const isInvocation = ({ operation }: Known) => operation === 'InvokeAgentRuntime';

function byField(cuts: readonly { readonly field: AllowedId; readonly value: Material }[]) {
  const of = (field: AllowedId) => cuts.filter((each) => each.field === field).map(({ value }) => value);
  return {
    storedSecret: of('storedSecret'),
    readSecret: of('readSecret'),
    providerKey: of('providerKey'),
    resourceKey: of('resourceKey'),
    quotedByAws: of('quotedByAws'),
  };
}

const regionsOf = (aws: LocalAws) => [...new Set(aws.journal.map(({ region }) => region))];
const stacks = (aws: LocalAws) => regionsOf(aws).flatMap((region) => aws.stacks.list(region));

function stacksOf(aws: LocalAws): Material[] {
  return stacks(aws).map(({ name, status, configuration, resources, outputs, events, changeSets }) =>
    material(name, {
      status,
      template: configuration?.templateBody,
      parameters: [...(configuration?.parameters ?? [])],
      resources: [...resources],
      outputs,
      events,
      changeSets: [...changeSets],
    }),
  );
}

function published(aws: LocalAws): Material[] {
  const regions = regionsOf(aws);
  const buckets = regions.map((region) => `cdk-hnb659fds-assets-${aws.account}-${region}`);
  const objects = buckets
    .filter((bucket) => aws.objects.hasBucket(bucket))
    .flatMap((bucket) => aws.objects.list(bucket).map(({ key, body }) => ({ where: `${bucket}/${key}`, bytes: body })));
  const images = regions
    .flatMap((region) => aws.images.repositories(region))
    .flatMap((repository) => [...repository.images.values()])
    .flatMap((image) => [...filesBelow(image.directory), material(image.digest, image)]);
  return [...objects, ...images];
}

/** A person gives the key to `npm run agent` in this variable, so in the environment of that process it may be. */
function withoutSetKey(environment: string): string {
  return environment
    .split('\0')
    .filter((variable) => !variable.startsWith('OPENAI_API_KEY='))
    .join('\n');
}
