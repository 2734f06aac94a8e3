import { admit, type Patient, printed, region } from './patient.ts';
import { first, main, type Network, second, table, vpc, within } from './rows/network.ts';

let patient: Patient;

beforeEach(async () => {
  process.env.AWS_REGION = region;
  patient = await admit();
});
afterEach(() => patient.aws.close());

async function ofNetwork(network: Partial<Network>): Promise<string[]> {
  within(network)(patient);
  const findings = await patient.examine();
  return findings.filter(({ check }) => check === 'network').map(printed);
}

test('private subnets in two zones, with a NAT gateway', async () => {
  expect(await ofNetwork({})).toEqual([
    `✓ network: 2 subnets of ${vpc} have a way out to api.openai.com, which the security groups leave open.`,
  ]);
});

test('a way out through a transit gateway, of a route table that each subnet has for itself', async () => {
  const transit = { destinationCidrBlock: '0.0.0.0/0', transitGatewayId: 'tgw-1', state: 'active' } as const;
  const own = [
    { main: false, subnetId: first },
    { main: false, subnetId: second },
  ];
  const [found] = await ofNetwork({ routeTables: [table('rtb-main', [], main), table('rtb-own', [transit], own)] });
  expect(found).toMatch(/^✓ network: 2 subnets/);
});

test('the way out is to the provider that is asked', async () => {
  patient.settings = { azure: { endpoint: 'https://my-resource.openai.azure.com', deployment: 'gpt' } };
  expect((await ofNetwork({ routeTables: [table('rtb-main', [], main)] }))[0]).toContain(
    'no way out to my-resource.openai.azure.com',
  );
});
