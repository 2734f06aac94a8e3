import { AwsError, notSupported } from '../errors.ts';
import type { BusEvent } from './bus-event.ts';

/** How a target's input is made of an event; nothing of it: the event as it is. */
export interface TargetInput {
  /** JSON. */
  readonly Input?: string;
  /** A JSON path. */
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate?: string;
  };
}

/** The rule for which an input is made: templates may name it. */
export interface RuleReference {
  readonly name: string;
  readonly arn: string;
}

const placeholder = /<([A-Za-z0-9_.-]+)>/g;
const pathSyntax = /^\$(\.[\w-]+|\[\d+\])*$/;
const predefined = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
]);

/**
 * Checks what `PutTargets` checks of a target's input.
 *
 * @throws AwsError ValidationException; NotSupportedByLocalAws for a JSON path that is more than names and indices
 */
export function checkTargetInput(targetId: string, { Input, InputPath, InputTransformer }: TargetInput): void {
  const given = [Input, InputPath, InputTransformer].filter((each) => each !== undefined);
  if (given.length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${targetId}.`);
  }
  if (Input !== undefined && !isJson(Input)) throw invalid(`JSON syntax error in input for target ${targetId}`);
  if (InputPath !== undefined) checkPath(InputPath);
  if (!InputTransformer) return;
  const { InputPathsMap = {}, InputTemplate } = InputTransformer;
  if (!InputTemplate) throw invalid(`InputTemplate for target ${targetId} must not be empty.`);
  for (const [name, path] of Object.entries(InputPathsMap)) {
    if (/^aws/i.test(name))
      throw invalid(`InputPathsMap for target ${targetId}: the key ${name} may not start with AWS.`);
    checkPath(path);
  }
  for (const [, name = ''] of InputTemplate.matchAll(placeholder)) {
    if (!predefined.has(name) && !Object.hasOwn(InputPathsMap, name)) {
      throw invalid(`InputTemplate for target ${targetId} contains invalid placeholder ${name}.`);
    }
  }
  if (!isJson(fill(InputTemplate, () => null))) {
    throw invalid(`Invalid InputTemplate for target ${targetId} : [it is not JSON once its placeholders have values]`);
  }
}

/** What a target is called with. */
export function targetInput(
  { Input, InputPath, InputTransformer }: TargetInput,
  event: BusEvent,
  rule: RuleReference,
): unknown {
  if (Input !== undefined) return JSON.parse(Input);
  if (InputPath !== undefined) return valueAt(event, InputPath) ?? null;
  if (!InputTransformer) return event;
  const { InputPathsMap = {}, InputTemplate = '' } = InputTransformer;
  const known: Record<string, unknown> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': event.time,
    // Without the detail: that is what tells it from the next.
    'aws.events.event': { ...event, detail: undefined },
    'aws.events.event.json': event,
  };
  return JSON.parse(
    fill(InputTemplate, (name) => {
      const path = InputPathsMap[name];
      // What an event does not have becomes an empty text.
      return (path === undefined ? known[name] : valueAt(event, path)) ?? '';
    }),
  );
}

/** Puts values into a template: as JSON where a placeholder stands alone, as text where it stands in quotes. */
function fill(template: string, read: (name: string) => unknown): string {
  let filled = '';
  let end = 0;
  let quoted = false;
  for (const { 0: whole, 1: name = '', index } of template.matchAll(placeholder)) {
    const literal = template.slice(end, index);
    quoted = endsInQuotes(literal, quoted);
    end = index + whole.length;
    const value = read(name);
    const json = JSON.stringify(value);
    const text = typeof value === 'string' ? json : JSON.stringify(json);
    filled += literal + (quoted ? text.slice(1, -1) : json);
  }
  return filled + template.slice(end);
}

function endsInQuotes(text: string, startsInQuotes: boolean): boolean {
  const quotes = text.replace(/\\./g, '').split('"').length - 1;
  return startsInQuotes !== (quotes % 2 === 1);
}

function valueAt(event: BusEvent, path: string): unknown {
  let value: unknown = event;
  for (const [, name, index] of path.matchAll(/\.([\w-]+)|\[(\d+)\]/g)) {
    if (typeof value !== 'object' || value === null) return undefined;
    const key = name ?? index ?? '';
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

function checkPath(path: string): void {
  if (!path.startsWith('$')) throw invalid(`Invalid JSON path: ${path}. It has to start with "$".`);
  if (!pathSyntax.test(path)) throw notSupported(`the JSON path ${path}: it knows names and indices only`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
