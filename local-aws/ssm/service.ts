import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { awsJsonService } from '../http/aws-json.ts';
import type { Call, Service } from '../service.ts';
import type { StoredParameter } from './parameter-store.ts';

/** Systems Manager: plain parameters only. */
export function ssmService({ parameters, account }: Pick<Aws, 'parameters' | 'account'>): Service {
  // A name that begins with a slash brings the slash of the ARN with it.
  const arnOf = (region: string, name: string) =>
    `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
  const shape = (region: string, { name, value, type, version, lastModified }: StoredParameter) => ({
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: lastModified,
    ARN: arnOf(region, name),
    DataType: 'text',
  });
  return awsJsonService({
    signingName: 'ssm',
    title: 'Systems Manager',
    operations: {
      GetParameter: (input: { Name: string }, call: Call) => {
        const name = checkName(input.Name, call.region, account);
        call.authorize('ssm:GetParameter', arnOf(call.region, name));
        const parameter = parameters.find(call.region, name);
        if (!parameter) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
        return { Parameter: shape(call.region, parameter) };
      },

      GetParameters: (input: { Names: string[] }, call: Call) => {
        const names = input.Names.map((name) => checkName(name, call.region, account));
        const arns = names.map((name) => arnOf(call.region, name));
        call.authorize('ssm:GetParameters', arns);
        const found = names.map((name) => parameters.find(call.region, name));
        return {
          Parameters: found.flatMap((parameter) => (parameter ? [shape(call.region, parameter)] : [])),
          InvalidParameters: input.Names.filter((_, index) => !found[index]),
        };
      },

      PutParameter: (input: { Name: string; Value: string; Type?: string; Overwrite?: boolean }, call: Call) => {
        const { Name, Value, Type, Overwrite = false, ...others } = input;
        const other = Object.keys(others).find((key) => !['Tier', 'DataType', 'Description'].includes(key));
        if (other) throw notSupported(`the parameter ${other} of PutParameter`);
        const name = checkName(Name, call.region, account);
        call.authorize('ssm:PutParameter', arnOf(call.region, name));
        const earlier = parameters.find(call.region, name);
        if (earlier && !Overwrite) {
          throw new AwsError(
            'ParameterAlreadyExists',
            'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
          );
        }
        const type = Type ?? earlier?.type;
        if (type === undefined) {
          throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
        }
        if (type !== 'String' && type !== 'StringList') throw notSupported(`parameters of the type ${type}`);
        return { Version: parameters.put(call.region, name, Value, type).version, Tier: 'Standard' };
      },
    },
  });
}

/** A name, also where the ARN of this account and Region was given. */
function checkName(nameOrArn: unknown, region: string, account: string): string {
  const start = `arn:aws:ssm:${region}:${account}:parameter`;
  const text = String(nameOrArn ?? '');
  const name = text.startsWith(start) ? text.slice(start.length) : text;
  if (!/^[A-Za-z0-9_./-]{1,2048}$/.test(name)) {
    if (name.includes(':')) throw notSupported(`parameter selectors (${name})`);
    throw new AwsError(
      'ValidationException',
      `Parameter name: can't be empty, and can only contain letters, numbers, and "_./-"; it was "${name}".`,
    );
  }
  return name;
}
