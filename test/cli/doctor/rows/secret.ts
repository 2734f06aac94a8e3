import { key, type Patient, region, secretName } from '../patient.ts';
import { all, deny, type Row } from './row.ts';

const kmsKey = (id: string) => `arn:aws:kms:us-east-1:111122223333:key/${id}`;
export const one = kmsKey('1234abcd-12ab-34cd-56ef-1234567890ab');
const other = kmsKey('5678abcd-12ab-34cd-56ef-1234567890ab');
const setKey = 'Store the key: npm run set-key -- --environment dev';

function scheduleDeletion({ aws }: Patient): void {
  aws.secrets.delete(aws.iam.administrator, region, { secretId: secretName });
}
function remove({ aws }: Patient): void {
  aws.secrets.delete(aws.iam.administrator, region, { secretId: secretName, force: true });
}
function set(patient: Patient, settings: Record<string, unknown>): void {
  patient.settings = settings;
}

export const secretRows: readonly Row[] = [
  ['the secret does not exist', remove, [`✗ secret: ${secretName} does not exist. → ${setKey}`]],
  [
    'the secret does not exist, and is named by an ARN, which nobody can choose',
    (patient) => set(patient, { secret: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:team-AbCdEf' }),
    [
      '✗ secret: arn:aws:secretsmanager:us-east-1:111122223333:secret:team-AbCdEf does not exist. → Create it: aws secretsmanager create-secret --name team --secret-string file://key.json, where key.json is {"apiKey": "YOUR KEY"}. AWS ends the new ARN with six other characters: then give the name in place of the ARN, or the new ARN.',
    ],
  ],
  [
    'the secret is scheduled for deletion',
    scheduleDeletion,
    [
      `✗ secret: ${secretName} is scheduled for deletion. → Get it back: aws secretsmanager restore-secret --secret-id ${secretName}`,
    ],
  ],
  [
    'the secret is in another Region',
    (patient) => set(patient, { secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:team-AbCdEf' }),
    [
      '✗ secret: arn:aws:secretsmanager:eu-west-1:111122223333:secret:team-AbCdEf is in eu-west-1, and a credential provider needs one in its own Region, us-east-1. → Replicate it: aws secretsmanager replicate-secret-to-regions --region eu-west-1 --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:team-AbCdEf --add-replica-regions Region=us-east-1',
    ],
  ],
  [
    'the secret has no value',
    (patient) => patient.store(undefined),
    [`✗ secret: ${secretName} has no text value. → ${setKey}`],
  ],
  [
    'the secret is no JSON',
    (patient) => patient.store(key),
    [`✗ secret: ${secretName} is not a JSON object. → ${setKey}`],
  ],
  [
    'the secret has no such JSON key',
    (patient) => patient.store(JSON.stringify({ key })),
    [`✗ secret: ${secretName} has no JSON key "apiKey". → ${setKey}`],
  ],
  [
    'the secret holds a placeholder',
    (patient) => patient.store(JSON.stringify({ apiKey: 'changeme' })),
    [`✗ secret: The JSON key "apiKey" of ${secretName} is a placeholder, not a key. → ${setKey}`],
  ],
  [
    'the secret holds a line end too many',
    (patient) => patient.store(JSON.stringify({ apiKey: `${key}\n` })),
    [`✗ secret: The JSON key "apiKey" of ${secretName} begins or ends with white space or a line end. → ${setKey}`],
  ],
  [
    'the secret holds no text',
    (patient) => patient.store(JSON.stringify({ apiKey: { value: key } })),
    [`✗ secret: The JSON key "apiKey" of ${secretName} is not a string. → ${setKey}`],
  ],
  [
    'the secret is JSON, and a copy is to be made of all of it',
    (patient) => set(patient, { source: 'copy' }),
    [
      `✗ secret: ${secretName} is a JSON object, not a plain key. → Say under which of its keys the API key stands: "secretJsonKey".`,
    ],
  ],
  [
    'the secret is encrypted with a KMS key that no setting names',
    (patient) => patient.store(JSON.stringify({ apiKey: key }), { kmsKeyId: one }),
    [
      `✗ secret: ${secretName} is encrypted with the KMS key ${one}, which the agent may not use. → Set "encryptionKeyArn" to the ARN of the key.`,
    ],
  ],
  [
    'the secret is encrypted with another KMS key than the settings name',
    (patient) => {
      patient.store(JSON.stringify({ apiKey: key }), { kmsKeyId: one });
      set(patient, { encryptionKeyArn: other });
    },
    [
      `✗ secret: ${secretName} is encrypted with the KMS key ${one}, and "encryptionKeyArn" names another. → Set "encryptionKeyArn" to the ARN of that key.`,
    ],
  ],
  [
    "the secret is encrypted with AWS's own key",
    (patient) => set(patient, { encryptionKeyArn: one }),
    [
      `! secret: ${secretName} is encrypted with AWS's own key, and "encryptionKeyArn" names another. → Leave out "encryptionKeyArn".`,
    ],
  ],
  [
    'the secret may not be read by the caller',
    (patient) => patient.actAs('developer', all, deny('secretsmanager:GetSecretValue')),
    [
      `! secret: ${secretName} is there, but you may not read it: what it holds was not looked at. → Nothing, if that is meant: the deployment reads it with a role of its own.`,
    ],
  ],
  [
    'the secret cannot be decrypted by the caller',
    (patient) => {
      patient.store(JSON.stringify({ apiKey: key }), { kmsKeyId: one });
      set(patient, { encryptionKeyArn: one });
      patient.actAs('developer', all, deny('kms:*'));
    },
    [
      `✗ secret: ${secretName} cannot be decrypted: its KMS key ${one} is disabled, deleted, or not allowed to you. → Enable the key, and allow kms:Decrypt on it.`,
    ],
  ],
  [
    'the secret of a tool does not exist',
    (patient) => set(patient, { weather: { secret: 'team/weather' } }),
    [
      '✗ secret: team/weather does not exist. → Create it: aws secretsmanager create-secret --name team/weather --secret-string file://key.json, where key.json is {"apiKey": "YOUR KEY"}',
    ],
  ],
  [
    'the secret of a tool holds a placeholder',
    (patient) => {
      patient.store('<your key>', { name: 'team/weather' });
      set(patient, { weather: { secret: 'team/weather', source: 'copy' } });
    },
    [
      '✗ secret: team/weather is a placeholder, not a key. → Store the real key: aws secretsmanager put-secret-value --secret-id team/weather --secret-string file://key.txt, where key.txt is the key without a line end',
    ],
  ],
];
