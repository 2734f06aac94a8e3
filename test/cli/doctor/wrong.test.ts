import { admit, key, type Patient, printed, region } from './patient.ts';
import { accountRows } from './rows/account.ts';
import { credentialsRows } from './rows/credentials.ts';
import { networkRows } from './rows/network.ts';
import { secretRows } from './rows/secret.ts';

let patient: Patient;

beforeEach(async () => {
  process.env.AWS_REGION = region;
  patient = await admit();
});
afterEach(async () => {
  const { faults } = patient.aws;
  await patient.aws.close();
  expect(faults).toEqual([]);
});

async function complaints(): Promise<string[]> {
  const found = await patient.examine();
  expect(JSON.stringify(found)).not.toContain(key);
  return found.filter(({ verdict }) => verdict !== 'ok').map(printed);
}

describe('one thing is wrong, and the doctor says that and nothing else', () => {
  test.each([...accountRows, ...secretRows, ...networkRows])('%s', async (_what, infect, lines) => {
    infect(patient);
    expect(await complaints()).toEqual(lines);
  });

  test.each(credentialsRows)('%s, so that AWS is asked for no more', async (_what, infect, lines) => {
    infect(patient);
    expect(await complaints()).toEqual(lines);
    expect(patient.aws.journal.map(({ operation }) => operation)).toEqual(['GetCallerIdentity']);
  });
});
