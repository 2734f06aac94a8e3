import { Match, type Template } from 'aws-cdk-lib/assertions';
import { CredentialSource } from '../../../lib/index.ts';
import { only, statement, text } from '../templates.ts';
import { secretBase, templateWith } from './support.ts';

describe('a change of the secret', () => {
  const template = templateWith();
  const rule = only(template, 'AWS::Events::Rule');
  const { EventPattern, Targets } = rule.Properties as {
    EventPattern: {
      source: string[];
      $or: [NativeEvent: object, Call: { detail: { requestParameters: { secretId: unknown[] } } }, Rotation: object];
    };
    Targets: [Record<string, unknown>];
  };
  const [[resourceId = ''] = []] = Object.entries(template.findResources('Custom::ApiKeyCredentialProvider'));
  const secretArn = { 'Fn::GetAtt': [resourceId, 'SecretArn'] };

  test('is told by Secrets Manager itself, which needs no trail', () => {
    expect(EventPattern.source).toEqual(['aws.secretsmanager']);
    expect(EventPattern.$or[0]).toEqual({
      'detail-type': ['Secret Label Updated'],
      resources: [secretArn],
      detail: { labelUpdated: ['AWSCURRENT'] },
    });
  });

  test('is told by CloudTrail, for each call that changes a value, whichever way it names the secret', () => {
    const [, call] = EventPattern.$or;
    expect(call).toMatchObject({
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: { eventName: ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'] },
    });
    expect(secretIdsOf(template)).toEqual([`\${${resourceId}.SecretArn}`, 'team/openai', `${secretBase}:team/openai`]);
  });

  test('is told by CloudTrail for a rotation', () => {
    expect(EventPattern.$or[2]).toMatchObject({
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventName: ['RotationSucceeded'],
        additionalEventData: { SecretId: expect.arrayContaining([secretArn]) },
      },
    });
  });

  test('of a secret that is known by its ARN is seen by its name too', () => {
    const source = CredentialSource.reference('arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf');
    expect(secretIdsOf(templateWith({ source })).slice(1)).toEqual([
      'openai-AbCdEf',
      'openai',
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai-AbCdEf',
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:openai',
    ]);
  });

  describe('of a secret with a long name', () => {
    /** As EventBridge gets it. */
    function patternOf(secretId: string, name: string): string {
      const { EventPattern: pattern } = only(
        templateWith({ source: CredentialSource.reference(secretId) }),
        'AWS::Events::Rule',
      ).Properties;
      const completeArn = `arn:aws:secretsmanager:us-east-1:111122223333:secret:${name}-AbCdEf`;
      const known = (_: string, value: unknown): unknown => {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
        if ('Fn::GetAtt' in value) return completeArn;
        return 'Fn::Join' in value ? text(value).replace('${AWS::Partition}', 'aws') : value;
      };
      return JSON.stringify(JSON.parse(JSON.stringify(pattern), known));
    }

    const arnOf = (name: string) => `arn:aws:secretsmanager:us-east-1:111122223333:secret:${name}`;
    const names = [10, 120, 200, 300, 400, 500, 512].map((length) => 'n'.repeat(length));

    test.each(
      names.flatMap(
        (name) =>
          [
            [name, name],
            [arnOf(name), name],
          ] as const,
      ),
    )('fits into what EventBridge takes: %s', (secretId, name) => {
      const pattern = patternOf(secretId, name);
      expect(pattern.length).toBeLessThanOrEqual(2048);
      // Whatever is left out, Secrets Manager's own event is there.
      expect(pattern).toContain(`"detail-type":["Secret Label Updated"],"resources":["${arnOf(name)}-AbCdEf"]`);
    });

    test('is seen by its complete ARN and the given id, as long as these fit', () => {
      const [, , name = ''] = names;
      for (const id of [name, arnOf(name)]) {
        expect(patternOf(id, name)).toContain(`"secretId":["${arnOf(name)}-AbCdEf","${id}"]`);
      }
    });
  });

  test('calls the handler with all that a refresh needs', () => {
    const { InputPathsMap, InputTemplate } = Targets[0].InputTransformer as {
      InputPathsMap: Record<string, string>;
      InputTemplate: unknown;
    };
    const values: Record<string, string> = { time: '"2026-11-23T00:00:00Z"', 'detail-type': '"Secret Label Updated"' };
    expect(InputPathsMap).toEqual({ time: '$.time', 'detail-type': '$.detail-type' });
    expect(JSON.parse(text(InputTemplate).replace(/<([\w-]+)>/g, (_, name: string) => values[name] ?? ''))).toEqual({
      refresh: {
        CredentialProviderName: 'openai',
        SecretSource: 'EXTERNAL',
        SecretId: 'team/openai',
        JsonKey: 'apiKey',
        OwnerStackId: '${AWS::StackId}',
        OwnerLogicalId: resourceId,
      },
      time: '2026-11-23T00:00:00Z',
      eventName: 'Secret Label Updated',
    });
  });

  test('may call the handler by this rule only', () => {
    const [[ruleId = ''] = []] = Object.entries(template.findResources('AWS::Events::Rule'));
    expect(only(template, 'AWS::Lambda::Permission').Properties).toMatchObject({
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [ruleId, 'Arn'] },
    });
  });

  test('is not told before there is a provider', () => {
    expect(rule.DependsOn).toContain(resourceId);
  });

  test('that could not be followed is tried again, kept for two weeks and sounds the alarm', () => {
    const [[queueId = ''] = []] = Object.entries(template.findResources('AWS::SQS::Queue'));
    const queue = { 'Fn::GetAtt': [queueId, 'Arn'] };
    expect(Targets[0]).toMatchObject({ DeadLetterConfig: { Arn: queue }, RetryPolicy: { MaximumRetryAttempts: 2 } });
    expect(only(template, 'AWS::Lambda::Function').Properties).toMatchObject({
      DeadLetterConfig: { TargetArn: queue },
    });
    expect(only(template, 'AWS::Lambda::EventInvokeConfig').Properties).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
    });
    expect(statement(template, 'KeepFailures')).toMatchObject({ Action: 'sqs:SendMessage', Resource: queue });
    expect(only(template, 'AWS::SQS::Queue').Properties).toEqual({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3600,
    });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
    expect(only(template, 'AWS::CloudWatch::Alarm').Properties).toMatchObject({
      // A message that is still there from a former failure would hide the next one.
      MetricName: 'NumberOfMessagesSent',
      Statistic: 'Sum',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueId, 'QueueName'] } }],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  function secretIdsOf(of: Template): string[] {
    const pattern = only(of, 'AWS::Events::Rule').Properties.EventPattern as typeof EventPattern;
    return pattern.$or[1].detail.requestParameters.secretId.map(text);
  }
});
