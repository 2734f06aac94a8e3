import { admit, key, type Patient, printed, region, secretName } from './patient.ts';

let patient: Patient;

beforeEach(async () => {
  process.env.AWS_REGION = region;
  patient = await admit();
});
afterEach(() => patient.aws.close());

const kmsKey = (id: string) => `arn:aws:kms:us-east-1:111122223333:key/${id}`;
const one = kmsKey('1234abcd-12ab-34cd-56ef-1234567890ab');
const other = kmsKey('5678abcd-12ab-34cd-56ef-1234567890ab');
const setKey = 'Store the key: npm run set-key -- --environment dev';
const all = { Effect: 'Allow', Action: '*', Resource: '*' } as const;

function scheduleDeletion(secretId = secretName) {
  patient.aws.secrets.delete(patient.aws.iam.administrator, region, { secretId });
}
function remove(secretId = secretName) {
  patient.aws.secrets.delete(patient.aws.iam.administrator, region, { secretId, force: true });
}
const set = (settings: Record<string, unknown>) => {
  patient.settings = settings;
};

describe('the secret', () => {
  test.each<[what: string, infect: () => void, lines: string[]]>([
    ['does not exist', () => remove(), [`✗ secret: ${secretName} does not exist. → ${setKey}`]],
    [
      'does not exist, and is named by an ARN, which nobody can choose',
      () => set({ secret: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:team-AbCdEf' }),
      [
        '✗ secret: arn:aws:secretsmanager:us-east-1:111122223333:secret:team-AbCdEf does not exist. → Create it: aws secretsmanager create-secret --name team --secret-string file://key.json, where key.json is {"apiKey": "YOUR KEY"}. AWS ends the new ARN with six other characters: then give the name in place of the ARN, or the new ARN.',
      ],
    ],
    [
      'is scheduled for deletion',
      () => scheduleDeletion(),
      [
        `✗ secret: ${secretName} is scheduled for deletion. → Get it back: aws secretsmanager restore-secret --secret-id ${secretName}`,
      ],
    ],
    [
      'is in another Region',
      () => set({ secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:team-AbCdEf' }),
      [
        '✗ secret: arn:aws:secretsmanager:eu-west-1:111122223333:secret:team-AbCdEf is in eu-west-1, and a credential provider needs one in its own Region, us-east-1. → Replicate it: aws secretsmanager replicate-secret-to-regions --region eu-west-1 --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:team-AbCdEf --add-replica-regions Region=us-east-1',
      ],
    ],
    ['has no value', () => patient.store(undefined), [`✗ secret: ${secretName} has no text value. → ${setKey}`]],
    ['is no JSON', () => patient.store(key), [`✗ secret: ${secretName} is not a JSON object. → ${setKey}`]],
    [
      'has no such JSON key',
      () => patient.store(JSON.stringify({ key })),
      [`✗ secret: ${secretName} has no JSON key "apiKey". → ${setKey}`],
    ],
    [
      'holds a placeholder',
      () => patient.store(JSON.stringify({ apiKey: 'changeme' })),
      [`✗ secret: The JSON key "apiKey" of ${secretName} is a placeholder, not a key. → ${setKey}`],
    ],
    [
      'holds a line end too many',
      () => patient.store(JSON.stringify({ apiKey: `${key}\n` })),
      [`✗ secret: The JSON key "apiKey" of ${secretName} begins or ends with white space or a line end. → ${setKey}`],
    ],
    [
      'holds no text',
      () => patient.store(JSON.stringify({ apiKey: { value: key } })),
      [`✗ secret: The JSON key "apiKey" of ${secretName} is not a string. → ${setKey}`],
    ],
    [
      'is JSON, and a copy is to be made of all of it',
      () => set({ source: 'copy' }),
      [
        `✗ secret: ${secretName} is a JSON object, not a plain key. → Say under which of its keys the API key stands: "secretJsonKey".`,
      ],
    ],
    [
      'is encrypted with a KMS key that no setting names',
      () => patient.store(JSON.stringify({ apiKey: key }), { kmsKeyId: one }),
      [
        `✗ secret: ${secretName} is encrypted with the KMS key ${one}, which the agent may not use. → Set "encryptionKeyArn" to the ARN of the key.`,
      ],
    ],
    [
      'is encrypted with another KMS key than the settings name',
      () => {
        patient.store(JSON.stringify({ apiKey: key }), { kmsKeyId: one });
        set({ encryptionKeyArn: other });
      },
      [
        `✗ secret: ${secretName} is encrypted with the KMS key ${one}, and "encryptionKeyArn" names another. → Set "encryptionKeyArn" to the ARN of that key.`,
      ],
    ],
    [
      "is encrypted with AWS's own key",
      () => set({ encryptionKeyArn: one }),
      [
        `! secret: ${secretName} is encrypted with AWS's own key, and "encryptionKeyArn" names another. → Leave out "encryptionKeyArn".`,
      ],
    ],
    [
      'may not be read by the caller',
      () => patient.actAs('developer', all, { Effect: 'Deny', Action: 'secretsmanager:GetSecretValue', Resource: '*' }),
      [
        `! secret: ${secretName} is there, but you may not read it: what it holds was not looked at. → Nothing, if that is meant: the deployment reads it with a role of its own.`,
      ],
    ],
    [
      'cannot be decrypted by the caller',
      () => {
        patient.store(JSON.stringify({ apiKey: key }), { kmsKeyId: one });
        set({ encryptionKeyArn: one });
        patient.actAs('developer', all, { Effect: 'Deny', Action: 'kms:*', Resource: '*' });
      },
      [
        `✗ secret: ${secretName} cannot be decrypted: its KMS key ${one} is disabled, deleted, or not allowed to you. → Enable the key, and allow kms:Decrypt on it.`,
      ],
    ],
    [
      'of a tool does not exist',
      () => set({ weather: { secret: 'team/weather' } }),
      [
        '✗ secret: team/weather does not exist. → Create it: aws secretsmanager create-secret --name team/weather --secret-string file://key.json, where key.json is {"apiKey": "YOUR KEY"}',
      ],
    ],
    [
      'of a tool holds a placeholder',
      () => {
        patient.store('<your key>', { name: 'team/weather' });
        set({ weather: { secret: 'team/weather', source: 'copy' } });
      },
      [
        '✗ secret: team/weather is a placeholder, not a key. → Store the real key: aws secretsmanager put-secret-value --secret-id team/weather --secret-string file://key.txt, where key.txt is the key without a line end',
      ],
    ],
  ])('%s', async (_what, infect, lines) => {
    infect();
    const found = await patient.examine();
    expect(found.filter(({ verdict }) => verdict !== 'ok').map(printed)).toEqual(lines);
    expect(JSON.stringify(found)).not.toContain('sk-proj');
  });

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
