import type { Finding } from '../../../cli/doctor/examine.ts';
import { anyCredentials } from '../../../cli/start/environment.ts';
import { isBootstrapMissing, needsOf } from '../../../cli/up/needs.ts';
import { startLocalAws } from '../../../local-aws/index.ts';

const finding = (check: string, verdict: Finding['verdict'], found = `${check} is ${verdict}`): Finding => ({
  check,
  verdict,
  found,
});
const nothing = { secret: false, bootstrap: false };

describe('what stands before a deployment', () => {
  test('is nothing, where nothing is wrong; a warning is no problem', () => {
    const findings = [finding('node', 'ok'), finding('callers', 'warning'), finding('secret', 'ok')];
    expect(needsOf(findings, nothing)).toEqual({ missing: [], inTheWay: [] });
  });

  test('is made where it is missing: the key first, then the bootstrap', () => {
    const findings = [finding('bootstrap', 'problem'), finding('secret', 'problem')];
    expect(needsOf(findings, { secret: true, bootstrap: true })).toEqual({
      missing: ['secret', 'bootstrap'],
      inTheWay: [],
    });
  });

  test.each(['secret', 'bootstrap'])('is for a person where a %s is there and wrong', (check) => {
    const wrong = finding(check, 'problem');
    expect(needsOf([wrong], nothing)).toEqual({ missing: [], inTheWay: [wrong] });
  });

  test('is for a person where the key of a tool is missing beside that of the model', () => {
    const ofTool = finding('secret', 'problem', 'the secret of the weather does not exist');
    const findings = [finding('secret', 'problem'), ofTool];
    expect(needsOf(findings, { ...nothing, secret: true })).toEqual({ missing: ['secret'], inTheWay: [ofTool] });
  });

  test('is for a person in every other case', () => {
    const problems = ['account', 'artifact', 'provider-quota', 'network'].map((check) => finding(check, 'problem'));
    expect(needsOf(problems, { secret: true, bootstrap: true }).inTheWay).toEqual(problems);
  });
});

test('a bootstrap is missing where it has no version, and not where that is too old: others may use it', async () => {
  const region = 'us-east-1';
  const aws = await startLocalAws({ bootstrapped: false });
  const client = { region, endpoint: aws.endpoint, credentials: anyCredentials };
  const isMissing = () => isBootstrapMissing(client, 'outbauth');
  try {
    expect(await isMissing()).toBe(true);
    aws.parameters.put(region, '/cdk-bootstrap/outbauth/version', '5');
    expect(await isMissing()).toBe(false);
  } finally {
    await aws.close();
  }
});
