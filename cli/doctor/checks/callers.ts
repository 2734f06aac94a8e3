import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { liveEndpoint } from '../../../lib/agent-runtime/live-endpoint-name.ts';
import { agentOutputs } from '../../../lib/outputs.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { isDenied } from '../look.ts';
import type { Visit } from '../visit.ts';

const { ok, warning } = findingsOf('callers');

const [invoke, invokeForUser] = ['bedrock-agentcore:InvokeAgentRuntime', 'bedrock-agentcore:InvokeAgentRuntimeForUser'];

/**
 * Whether the caller may ask the agent: in the name of a user, without which the agent gets no key, unless the environment
 * answers callers that name none.
 */
export async function callersCheck({ environment, session, arns, stack }: Visit): Promise<Finding> {
  const { caller, config } = session;
  const { runtimeName, callersWithoutUser } = environment;
  const actions = callersWithoutUser ? [invoke] : [invoke, invokeForUser];
  const how = callersWithoutUser ? 'invoke the agent' : 'invoke the agent with a user id';
  if (/:iam::\d+:root$/.test(caller)) return ok(`${caller} may do everything here, so it may ${how}.`);
  const iam = new IAMClient(config);
  try {
    const source = await principalOf(iam, caller);
    if (source === undefined) {
      return warning(`Whether ${caller} may ${how} cannot be told by IAM.`, howToKnow);
    }
    const outputs = (await stack('agent'))?.Outputs;
    const output = (key: string) => outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    const deployed = output(agentOutputs.runtimeArn);
    const endpoint = output(agentOutputs.liveVersion) ? liveEndpoint : 'DEFAULT';
    // The id of a runtime is its name and a suffix that AWS draws; policies may be written for the pattern.
    const runtime = deployed ?? arns.runtime(runtimeName).replace(/\*$/, 'AAAAAAAAAA');
    const { EvaluationResults = [] } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: source,
        ActionNames: actions,
        ResourceArns: [runtime, `${runtime}/runtime-endpoint/${endpoint}`],
      }),
    );
    const refused = actions.filter((action) =>
      EvaluationResults.some(
        ({ EvalActionName, EvalDecision, ResourceSpecificResults = [] }) =>
          EvalActionName === action &&
          [EvalDecision, ...ResourceSpecificResults.map(({ EvalResourceDecision }) => EvalResourceDecision)].some(
            (decision) => decision !== 'allowed',
          ),
      ),
    );
    if (refused.length === 0) return ok(`${source} may ${how}.`);
    return warning(
      `${source} may not ${how}: ${refused.join(' and ')} ${refused.length === 1 ? 'is' : 'are'} not allowed.`,
      `Attach the policy of the output ${agentOutputs.invokerPolicy} of the agent stack to whoever asks the agent.`,
    );
  } catch (error) {
    if (!isDenied(error)) throw error;
    return warning(`Whether ${caller} may ${how} was not looked at: IAM does not let it simulate.`, howToKnow);
  } finally {
    iam.destroy();
  }
}

const howToKnow =
  'Allow iam:SimulatePrincipalPolicy and iam:GetRole, or try it once the agent is deployed: npm run invoke.';

/** The user or role whose policies count. Of a session AWS tells the name of the role, but not its path. */
async function principalOf(iam: IAMClient, caller: string): Promise<string | undefined> {
  if (/:iam::\d+:user\//.test(caller)) return caller;
  const role = /:sts::\d+:assumed-role\/([^/]+)\//.exec(caller)?.[1];
  return role && (await iam.send(new GetRoleCommand({ RoleName: role }))).Role?.Arn;
}
