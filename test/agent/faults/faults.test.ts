import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../support/running-agent.ts';
import { apiKey, type Fault } from './fault.ts';
import { identityFaults } from './identity-faults.ts';
import { openLab, wellAnswer } from './lab.ts';
import { modelFaults } from './model-faults.ts';
import { type ObservedFault, observeFaults } from './observe.ts';
import { faultsPage, pageCommand, pagePath } from './page.ts';

jest.setTimeout(60_000);

const faults = [...modelFaults, ...identityFaults];
let observed: readonly ObservedFault[];

beforeAll(async () => {
  const lab = await openLab();
  observed = await observeFaults(lab, faults).finally(() => lab.close());
});

const named = (each: readonly Fault[]) => each.map((fault) => [`${fault.at}: ${fault.fault}`, fault] as const);

describe.each(named(faults))('%s', (_name, fault) => {
  const row = () => {
    const found = observed.find((each) => each.fault === fault);
    if (!found) throw new Error('It was not observed.');
    return found;
  };

  test(`gives ${fault.gives === 'the answer' ? 'the answer' : fault.gives.code}, as JSON and as the one last event`, () => {
    for (const { status, way, events, requestId } of row().observations) {
      expect(status).toBe(200);
      if (fault.gives === 'the answer') {
        expect(textOf(events)).toMatch(/^(Fine|All is well)\.$/);
        continue;
      }
      const { message, ...rest } = fault.gives;
      expect(events.at(-1)).toEqual({ error: { ...rest, message: expect.stringMatching(message), requestId } });
      const before = events.slice(0, -1);
      expect(JSON.stringify(before)).not.toContain('"error":{');
      if (way === 'event stream') expect(textOf(before).startsWith(fault.before ?? '')).toBe(true);
      else expect(before).toEqual([]);
    }
  });

  test(`takes ${fault.time.words}${fault.asked === undefined ? '' : `, and is asked ${fault.asked} times`}`, () => {
    for (const { took, asked } of row().observations) {
      if (fault.asked !== undefined) expect(asked).toBe(fault.asked);
      expect(took).toBeGreaterThanOrEqual(fault.time.least);
      expect(took).toBeLessThanOrEqual(fault.time.most);
    }
  });

  test('is one line of the log, with the ids of session and request', () => {
    for (const { lines, sessionId, requestId } of row().observations) {
      const outcome =
        fault.gives === 'the answer'
          ? { level: 'info', message: 'invocation succeeded' }
          : { level: 'warn', message: 'invocation failed', code: fault.gives.code };
      expect(lines).toEqual([
        expect.objectContaining({ ...outcome, sessionId, requestId, durationMs: expect.any(Number) }),
      ]);
    }
  });

  test('leaves the agent alive, which answers the next request', () => {
    const { next, ping } = row();
    expect(ping).toBe(200);
    if (fault.at !== 'model whose name does not exist') expect(next).toBe(wellAnswer);
  });

  test('shows no key, no words of a provider and no stack trace', () => {
    const parts = Array.from({ length: apiKey.length - 5 }, (_, at) => apiKey.slice(at, at + 6));
    for (const written of [row().output, ...row().observations.map(({ body }) => body)]) {
      expect(written).not.toMatch(/Words of (the provider|a proxy)|sk-|\\n {4}at |\n {4}at /);
      expect(parts.filter((part) => written.includes(part))).toEqual([]);
    }
  });
});

test(`${pagePath} is what \`${pageCommand}\` writes`, () => {
  expect(readFileSync(join(import.meta.dirname, '../../..', pagePath), 'utf8')).toBe(faultsPage(observed));
});
