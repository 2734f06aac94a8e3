import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../support/run.ts';
import { bounds, type RoleName, roleNames } from './calls.ts';
import {
  idleConditions,
  notMinimal,
  notRefused,
  notSufficient,
  problems,
  trustProblems,
  unexplained,
} from './judgement.ts';
import { findings } from './minimal.ts';
import { pageCommand, pagePath, permissionsPage } from './page.ts';
import { type Evidence, gatherEvidence } from './proof.ts';
import { referenceProblems } from './reference.ts';
import { isDenial, proofTable, renderTable } from './table.ts';
import { predicted } from './trials.ts';
import { weakenings } from './weakenings.ts';

let evidence: Evidence;

jest.setTimeout(180_000);

beforeAll(async () => {
  evidence = await gatherEvidence();
});

test('the journey has a role of every kind', () => {
  expect(evidence.roles.map(({ name }) => name)).toEqual([...roleNames].sort());
});

describe.each<RoleName>(roleNames)('%s', (name) => {
  const role = () => evidence.role(name);
  const normalize = () => evidence.normalizer(name);

  test('is allowed every call of the journey', () => {
    expect(role().calls.length).toBeGreaterThan(3);
    expect(notSufficient(role())).toEqual([]);
  });

  test('has no statement, action, resource or wildcard that it could do without', () => {
    const found = findings(role(), normalize());
    expect(found.filter(({ breaks }) => breaks !== undefined).length).toBeGreaterThan(5);
    expect(notMinimal(role(), found)).toEqual([]);
  });

  test('is refused what is not its own', () => {
    const own = evidence.refusals.filter((refusal) => refusal.role === name);
    expect(own.length).toBeGreaterThan(5);
    expect(own.filter(({ answer }) => !isDenial(answer))).toEqual([]);
    // Not by the boundary that the roles of the journey have, and need not have.
    expect(name === bounds ? [] : own.filter(({ answer }) => answer?.includes('boundary allows'))).toEqual([]);
    expect(notRefused(role())).toEqual([]);
  });

  test('has no condition that refuses nothing', () => {
    expect(idleConditions(role())).toEqual([]);
  });

  test('has a reason for each statement, and no reason for what is not there', () => {
    expect(unexplained(role(), normalize())).toEqual([]);
  });

  test('is trusted, where it trusts a service, for resources of this account only', () => {
    expect(trustProblems(role())).toEqual([]);
  });

  test('names actions and resources that AWS has, and every type that an action needs', async () => {
    expect(await referenceProblems(role())).toEqual([]);
  });
});

test('what the replay says is true: a policy that is deployed with less is refused just there', () => {
  expect(evidence.trials.length).toBeGreaterThan(4);
  for (const { role, mutation, refused } of evidence.trials) {
    const expected = predicted(evidence.role(role), mutation, evidence.normalizer(role));
    expect([mutation.sid, mutation.title, refused.length]).not.toContain(0);
    expect(expected).toEqual(expect.arrayContaining([...refused]));
  }
});

test('the trust policies are those of the services that take the roles', () => {
  const services = evidence.roles.flatMap(
    ({ name, trust }) => trust?.map(({ service }) => `${name}: ${service}`) ?? [],
  );
  expect([...new Set(services)].sort()).toEqual([
    'Execution role: bedrock-agentcore.amazonaws.com',
    'Handler: lambda.amazonaws.com',
    'Log group handler: lambda.amazonaws.com',
  ]);
});

test(`${pagePath} is what \`${pageCommand}\` would write`, () => {
  const written = readFileSync(join(projectFolder, pagePath), 'utf8');
  if (written !== permissionsPage(evidence))
    throw new Error(`${pagePath} is out of date: ${pageCommand} writes it anew.`);
});

describe('the proof finds a policy that is too wide or too narrow', () => {
  test.each(weakenings.map((weakening) => [weakening.title, weakening] as const))(
    '%s',
    (_, { role, apply, caughtAs }) => {
      const found = problems(apply(evidence.role(role)), evidence.normalizer(role));
      expect(found).toContainEqual(expect.stringMatching(caughtAs));
    },
  );
});

describe('the table of npm run proof', () => {
  test('has no fault, and explains what it does not prove', async () => {
    const rows = await proofTable(evidence);
    expect(rows.filter(({ isFault }) => isFault)).toEqual([]);
    expect(renderTable(rows)).toMatch(/ok {2}denials proven +\d+ of \d+/);
    for (const remark of rows.flatMap(({ remarks }) => remarks)) expect(remark).toMatch(/https:|docs\/unproven\.md/);
  });
});
