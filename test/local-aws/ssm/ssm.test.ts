import { ParameterStore } from '../../../local-aws/ssm/parameter-store.ts';
import { ssmService } from '../../../local-aws/ssm/service.ts';
import { account, region, type Started, startServices } from '../http/start-services.ts';

let started: Started;
beforeEach(async () => {
  started = await startServices(
    (aws) => {
      aws.parameters = new ParameterStore();
      aws.parameters.put(region, '/cdk-bootstrap/hnb659fds/version', '30');
    },
    [ssmService],
  );
});
afterEach(() => started.close());

const call = async (operation: string, input: object, accessKeyId = 'test') => {
  const headers = { 'x-amz-target': `AmazonSSM.${operation}` };
  return (await started.send({ service: 'ssm', headers, body: JSON.stringify(input), accessKeyId })).json();
};

test('a parameter is read with its version', async () => {
  expect(await call('GetParameter', { Name: '/cdk-bootstrap/hnb659fds/version' })).toEqual({
    Parameter: {
      Name: '/cdk-bootstrap/hnb659fds/version',
      Type: 'String',
      Value: '30',
      Version: 1,
      LastModifiedDate: expect.any(Number),
      ARN: `arn:aws:ssm:${region}:${account}:parameter/cdk-bootstrap/hnb659fds/version`,
      DataType: 'text',
    },
  });
});

test('one that is missing is ParameterNotFound; among several it is listed as invalid', async () => {
  expect(await call('GetParameter', { Name: '/no' })).toEqual({
    __type: 'ParameterNotFound',
    message: 'Parameter /no not found.',
  });
  expect(await call('GetParameters', { Names: ['/no', '/cdk-bootstrap/hnb659fds/version'] })).toMatchObject({
    Parameters: [{ Value: '30' }],
    InvalidParameters: ['/no'],
  });
});

test('one is overwritten only when the call says so', async () => {
  await call('PutParameter', { Name: 'a', Value: '1', Type: 'String' });
  expect(await call('PutParameter', { Name: 'a', Value: '2' })).toMatchObject({ __type: 'ParameterAlreadyExists' });
  expect(await call('PutParameter', { Name: 'a', Value: '2', Overwrite: true })).toMatchObject({ Version: 2 });
  expect(await call('GetParameter', { Name: 'a' })).toMatchObject({ Parameter: { Value: '2', Version: 2 } });
});

test('secure strings are refused by name: nothing is encrypted here', async () => {
  expect(await call('PutParameter', { Name: 'a', Value: '1', Type: 'SecureString' })).toMatchObject({
    message: 'local-aws does not support parameters of the type SecureString.',
  });
});

test('reading is authorized on the ARN of the parameter', async () => {
  const own = `arn:aws:ssm:${region}:${account}:parameter/cdk-bootstrap/hnb659fds/version`;
  started.role('reader', { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: own });
  const { accessKeyId } = started.client('reader').credentials;
  expect(await call('GetParameter', { Name: '/cdk-bootstrap/hnb659fds/version' }, accessKeyId)).toHaveProperty(
    'Parameter',
  );
  expect(await call('GetParameter', { Name: '/other' }, accessKeyId)).toMatchObject({
    __type: 'AccessDeniedException',
  });
});
