import { AwsError, notSupported } from '../errors.ts';

type Scalar = string | number | boolean | null;
type Matcher = Scalar | { readonly [operator: string]: unknown };

/** What a rule asks of an event: lists of allowed values, nested as the event is. */
export interface EventPattern {
  readonly [field: string]: EventPattern | readonly Matcher[] | readonly EventPattern[];
}

const or = '$or';

/**
 * Checks an event pattern.
 *
 * @throws AwsError InvalidEventPatternException; NotSupportedByLocalAws for a matcher that is not known here
 */
export function checkEventPattern(pattern: unknown): asserts pattern is EventPattern {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) {
    throw invalid('Event pattern must be a JSON object with at least one field');
  }
  for (const [field, wanted] of Object.entries(pattern)) {
    if (field === or) {
      if (!Array.isArray(wanted) || wanted.length < 2) throw invalid('"$or" must be a list of at least two patterns');
      for (const alternative of wanted) checkEventPattern(alternative);
    } else if (Array.isArray(wanted)) {
      if (wanted.length === 0) throw invalid(`Empty arrays are not allowed ("${field}")`);
      for (const matcher of wanted) checkMatcher(field, matcher);
    } else if (isObject(wanted)) checkEventPattern(wanted);
    else throw invalid(`"${field}" must be an object or an array`);
  }
}

/** Whether an event is what a pattern asks for: all of its fields, each with one of its values. */
export function matchesEventPattern(pattern: EventPattern, event: unknown): boolean {
  // In a list of objects, one of them has to match.
  if (Array.isArray(event)) return event.some((each) => matchesEventPattern(pattern, each));
  const fields = isObject(event) ? event : {};
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === or) return (wanted as readonly EventPattern[]).some((each) => matchesEventPattern(each, fields));
    const actual = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (!Array.isArray(wanted)) return matchesEventPattern(wanted as EventPattern, actual);
    return (wanted as readonly Matcher[]).some((matcher) => matchesField(matcher, actual));
  });
}

function matchesField(matcher: Matcher, actual: unknown): boolean {
  // Only a leaf exists: a field that holds an object does not.
  const leaves = (Array.isArray(actual) ? actual.flat(Number.POSITIVE_INFINITY) : [actual]).filter(isScalar);
  if (isObject(matcher) && 'exists' in matcher) return leaves.length > 0 === matcher.exists;
  return leaves.some((leaf) => matchesLeaf(matcher, leaf));
}

function matchesLeaf(matcher: unknown, leaf: Scalar): boolean {
  if (!isObject(matcher)) return matcher === leaf;
  const [operator = '', operand] = Object.entries(matcher)[0] ?? [];
  if (operator === 'anything-but') {
    return ![operand].flat().some((excluded) => matchesLeaf(excluded, leaf));
  }
  if (typeof leaf !== 'string') return false;
  return [operand].flat().some((each) => textMatches(operator, each, leaf));
}

function textMatches(operator: string, operand: unknown, leaf: string): boolean {
  const ignoresCase = isObject(operand);
  const text = ignoresCase ? String(operand['equals-ignore-case']).toLowerCase() : String(operand);
  const value = ignoresCase ? leaf.toLowerCase() : leaf;
  if (operator === 'prefix') return value.startsWith(text);
  if (operator === 'suffix') return value.endsWith(text);
  if (operator === 'equals-ignore-case') return value.toLowerCase() === text.toLowerCase();
  return matchesStars(value, text);
}

// Unlike in IAM, "?" is a character like any other.
function matchesStars(value: string, pattern: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 's').test(value);
}

function checkMatcher(field: string, matcher: unknown): void {
  if (isScalar(matcher)) return;
  const [first, ...more] = isObject(matcher) ? Object.entries(matcher) : [];
  if (!first || more.length > 0) throw invalid(`"${field}" has a matcher that is not one value or one operator`);
  const [operator, operand] = first;
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw invalid(`"exists" of "${field}" must be true or false`);
  } else if (operator === 'anything-but') checkAnythingBut(field, operand);
  else if (textOperators.has(operator)) checkText(field, operator, operand);
  else throw notSupported(`the matcher "${operator}" in an event pattern (field "${field}")`);
}

const textOperators = new Set(['prefix', 'suffix', 'equals-ignore-case', 'wildcard']);

function checkText(field: string, operator: string, operand: unknown, mayBeList = false): void {
  const operands = mayBeList ? [operand].flat() : [operand];
  const hasCaseVariant = operator === 'prefix' || operator === 'suffix';
  const isText = (each: unknown) =>
    typeof each === 'string' || (hasCaseVariant && isObject(each) && typeof each['equals-ignore-case'] === 'string');
  if (operands.length === 0 || !operands.every(isText)) throw invalid(`"${operator}" of "${field}" must be a string`);
  if (operator === 'wildcard' && operands.some((each) => /\*\*|\\/.test(String(each)))) {
    throw notSupported(`"**" and "\\" in the matcher "wildcard" of an event pattern (field "${field}")`);
  }
}

function checkAnythingBut(field: string, operand: unknown): void {
  const [inner, ...more] = isObject(operand) ? Object.entries(operand) : [];
  if (inner && more.length === 0) {
    if (!textOperators.has(inner[0])) {
      throw notSupported(`the matcher "anything-but" with "${inner[0]}" in an event pattern (field "${field}")`);
    }
    checkText(field, inner[0], inner[1], true);
    return;
  }
  const excluded = [operand].flat();
  if (excluded.length === 0 || !excluded.every((each) => typeof each === 'string' || typeof each === 'number')) {
    throw invalid(`"anything-but" of "${field}" must be a string, a number, a list of one kind, or one operator`);
  }
}

function invalid(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
