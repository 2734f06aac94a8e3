import { existsSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { projectFolder } from '../support/run.ts';
import { type Job, readWorkflows, type Step, type Workflow } from './workflow.ts';

/** Events whose runs have a token that may write, or secrets, and the code of somebody else. */
const dangerousEvents = ['pull_request_target', 'workflow_run', 'issue_comment'];

/** Write permissions that a job may have. */
const writing = ['id-token', 'pull-requests'];

const ofSameRepository = 'github.event.pull_request.head.repo.full_name == github.repository';

/** What is wrong with workflows, a line each. */
export function problemsOf(files: Readonly<Record<string, string>>): string[] {
  const workflows = readWorkflows(files);
  return [
    ...workflows.flatMap((workflow) => [
      ...ofWorkflow(workflow),
      ...Object.entries(workflow.jobs).flatMap(([name, job]) =>
        [...ofJob(workflow, job, workflows), ...(job.steps ?? []).flatMap(ofStep)].map(
          (problem) => `${workflow.file}: ${name}: ${problem}`,
        ),
      ),
    ]),
    ...severalPins(workflows),
  ];
}

function ofWorkflow({ file, text, on, permissions }: Workflow): string[] {
  return [
    ...dangerousEvents.filter((event) => event in on).map((event) => `has the event ${event}`),
    ...(JSON.stringify(permissions) === '{}' ? [] : ['its token may do something before a job says so']),
    ...(/\bsecrets\b/.test(text) ? ['knows a secret'] : []),
    ...[...text.matchAll(/uses: (?!\.\/)(.*)/g)]
      .filter(([, reference = '']) => !/^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(reference))
      .map(([, reference]) => `uses ${reference}, which is no commit with its version beside it`),
  ].map((problem) => `${file}: ${problem}`);
}

function ofJob(workflow: Workflow, job: Job, all: readonly Workflow[]): string[] {
  const { permissions = {}, steps = [], uses } = job;
  const written = Object.entries(permissions).filter(([, access]) => access !== 'read');
  const takesRole = 'id-token' in permissions;
  return [
    ...(job.permissions ? [] : ['says no permissions']),
    ...written.filter(([scope]) => !writing.includes(scope)).map(([scope]) => `may write ${scope}`),
    ...('pull-requests' in permissions && (takesRole || steps.some(({ run }) => run !== undefined) || checksOut(job))
      ? ['runs code where its token may write']
      : []),
    ...(uses && !existsSync(join(projectFolder, uses)) ? [`uses ${uses}, which is not there`] : []),
    ...(uses || job['timeout-minutes'] !== undefined ? [] : ['has no timeout']),
    ...(takesRole && !guarded(workflow, job, all) ? ['runs where nothing is set up'] : []),
    ...(takesRole && 'pull_request' in workflow.on && !job.if?.includes(ofSameRepository)
      ? ['takes a role for a fork']
      : []),
    ...(takesRole && !uses ? ofRole(workflow, job, all) : []),
  ];
}

/** Whether a job that takes a role asks for a variable of the repository first, itself or wherever it is called from. */
function guarded({ file }: Workflow, { if: condition = '' }: Job, all: readonly Workflow[]): boolean {
  if (/\bvars\.\w+ != ''/.test(condition)) return true;
  const callers = callersOf(file, all);
  return callers.length > 0 && callers.every(([caller, job]) => guarded(caller, job, all));
}

function callersOf(file: string, all: readonly Workflow[]): [Workflow, Job][] {
  return all.flatMap((workflow) =>
    Object.values(workflow.jobs)
      .filter(({ uses }) => uses === `./.github/workflows/${file}`)
      .map((job): [Workflow, Job] => [workflow, job]),
  );
}

/** The trust of the deployer is in a GitHub environment, that of the diff in pull requests and main: a job has the one or the other. */
function ofRole(workflow: Workflow, job: Job, all: readonly Workflow[]): string[] {
  const { environment, concurrency, steps = [] } = job;
  const roles = rolesOf(workflow, job, all);
  const compares = steps.some(({ run = '' }) => run.includes('npx cdk diff'));
  if (compares) {
    return [
      ...(environment ? ['has an environment, in which its role is not trusted'] : []),
      ...roles.filter((role) => !role.includes('_DIFF_ROLE')).map((role) => `compares with the role ${role}`),
    ];
  }
  return [
    ...(environment === '${{ inputs.environment }}' ? [] : ['has no environment, and its role is trusted in one only']),
    ...(concurrency?.group === 'deploy-${{ inputs.environment }}' && concurrency['cancel-in-progress'] === false
      ? []
      : ['may run beside another of its environment, or be ended half-way']),
    ...roles.filter((role) => !role.includes('_DEPLOYER_ROLE')).map((role) => `deploys with the role ${role}`),
  ];
}

/** The expressions that a job has its role from, through its inputs and its matrix. */
function rolesOf({ file }: Workflow, { steps = [], strategy }: Job, all: readonly Workflow[]): string[] {
  const given = steps.flatMap(({ with: inputs }) => inputs?.['role-to-assume'] ?? []).map(String);
  return given.flatMap((role) => {
    if (role === '${{ matrix.role }}') return strategy?.matrix.include.map((each) => String(each.role)) ?? [];
    if (role === '${{ inputs.role }}') return callersOf(file, all).map(([, job]) => String(job.with?.role));
    return [role];
  });
}

const checksOut = ({ steps = [] }: Job) => steps.some(({ uses }) => uses?.startsWith('actions/checkout@'));

function ofStep({ uses = '', run = '', with: inputs = {} }: Step): string[] {
  const texts = [run, String(inputs.script ?? '')];
  return [
    ...(uses.startsWith('actions/checkout@') && inputs['persist-credentials'] !== false
      ? ['leaves its token in the working copy']
      : []),
    ...(Object.keys(inputs).some((name) => /^aws-(access-key-id|secret-access-key|session-token)$/.test(name))
      ? ['has a stored key']
      : []),
    ...(texts.some((text) => text.includes('${{')) ? ['puts an expression into a script'] : []),
    ...commandsIn(run)
      .filter((command) => !exists(command))
      .map((command) => `runs ${command}, which is not there`),
  ];
}

const subcommandsOfCdk = ['deploy', 'diff', 'synth'];

/** The project's commands that a script names. */
function commandsIn(script: string): string[] {
  return [...script.matchAll(/\b(?:npm (?:run )?[\w:-]+|npx [\w-]+ [\w-]+)|\.ci\/[\w-]+/g)].map(([command]) => command);
}

function exists(command: string): boolean {
  const [program, first = '', second = ''] = command.split(' ');
  if (program === 'npx') return first === 'cdk' && subcommandsOfCdk.includes(second);
  if (program !== 'npm') return existsSync(join(projectFolder, command));
  return first === 'ci' || Object.hasOwn(packageJson.scripts, second || first);
}

function severalPins(workflows: readonly Workflow[]): string[] {
  const pins = workflows.flatMap(({ text }) =>
    [...text.matchAll(/uses: ([\w.-]+\/[\w.-]+)@(.*)/g)].map(([, action = '', pin = '']) => ({ action, pin })),
  );
  return [...Map.groupBy(pins, ({ action }) => action)]
    .filter(([, of]) => new Set(of.map(({ pin }) => pin)).size > 1)
    .map(([action]) => `${action} is pinned to several commits`);
}
