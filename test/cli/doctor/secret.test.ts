import { admit, key, type Patient, printed, region, secretName } from './patient.ts';
import { one } from './rows/secret.ts';

let patient: Patient;

beforeEach(async () => {
  process.env.AWS_REGION = region;
  patient = await admit();
});
afterEach(() => patient.aws.close());

const set = (settings: Record<string, unknown>) => {
  patient.settings = settings;
};

describe('the secret', () => {
  test.each<[what: string, prepare: () => void, lines: string[]]>([
    [
      'with the KMS key of the settings',
      () => {
        patient.store(JSON.stringify({ apiKey: key }), { kmsKeyId: one });
        set({ encryptionKeyArn: one });
      },
      [`✓ secret: ${secretName} holds what looks like a key under "apiKey".`],
    ],
    [
      'of which the whole text is the key',
      () => {
        patient.store(key);
        set({ source: 'copy' });
      },
      [`✓ secret: ${secretName} holds what looks like a key.`],
    ],
    [
      'beside that of a tool',
      () => {
        patient.store(JSON.stringify({ token: key }), { name: 'team/weather' });
        set({ weather: { secret: 'team/weather', secretJsonKey: 'token' } });
      },
      [
        `✓ secret: ${secretName} holds what looks like a key under "apiKey".`,
        '✓ secret: team/weather holds what looks like a key under "token".',
      ],
    ],
  ])('is good %s', async (_what, prepare, lines) => {
    prepare();
    const found = await patient.examine();
    expect(found.filter(({ check }) => check === 'secret').map(printed)).toEqual(lines);
  });
});
