import { readWorkflows, workflowFiles } from './workflow.ts';

const { script } = (readWorkflows(workflowFiles())
  .flatMap(({ jobs }) => Object.values(jobs))
  .flatMap(({ steps = [] }) => steps)
  .find(({ uses }) => uses?.startsWith('actions/github-script@'))?.with ?? {}) as { script: string };

interface Comment {
  readonly id: number;
  readonly user: { readonly login: string } | null;
  body: string;
}

/** Runs the script of the workflow on a pull request with comments. */
async function run(diffs: { staging: string; prod: string }, comments: Comment[]): Promise<Comment[]> {
  const github = {
    paginate: async () => comments,
    rest: {
      issues: {
        listComments: {},
        createComment: async ({ body }: { body: string }) =>
          comments.push({ id: comments.length + 1, user: { login: 'github-actions[bot]' }, body }),
        updateComment: async ({ comment_id, body }: { comment_id: number; body: string }) => {
          for (const each of comments) if (each.id === comment_id) each.body = body;
        },
      },
    },
  };
  const context = {
    repo: { owner: 'team', repo: 'agents' },
    issue: { number: 7 },
    payload: { pull_request: { head: { sha: 'c0ffee' } } },
  };
  const requireFile = () => ({
    readFileSync: (file: string) => diffs[file.replace(/^diff-|\.txt$/g, '') as keyof typeof diffs],
  });
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  await new AsyncFunction('github', 'context', 'require', script)(github, context, requireFile);
  return comments;
}

const noChange = 'There were no differences\n\n✨  Number of stacks with differences: 0\n';
const change = '[~] AWS::Lambda::Function Handler\n\n✨  Number of stacks with differences: 1\n';

describe('the comment with the diff', () => {
  test('is made once, and changed in its place', async () => {
    const comments = await run({ staging: noChange, prod: change }, []);
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toMatch(/staging<\/b>: stacks with differences: 0/);
    expect(comments[0]?.body).toMatch(/prod<\/b>: stacks with differences: 1[\s\S]*AWS::Lambda::Function Handler/);
    expect(await run({ staging: noChange, prod: noChange }, comments)).toHaveLength(1);
    expect(comments[0]?.body).not.toContain('AWS::Lambda::Function');
  });

  test('leaves the comments of others alone, whatever they look like', async () => {
    const body = '<!-- cdk diff -->\n\nmine';
    const comments = [
      { id: 1, user: { login: 'somebody' }, body },
      { id: 2, user: null, body },
    ];
    expect(await run({ staging: noChange, prod: noChange }, comments)).toHaveLength(3);
    expect(comments.slice(0, 2).map((each) => each.body)).toEqual([body, body]);
  });

  test('shows the diff as text, and fits into a comment of GitHub', async () => {
    const hostile = `\`\`\`\`\n</details>\n@everybody [here](https://example.com)\n${'x'.repeat(100_000)}`;
    const [comment] = await run({ staging: hostile, prod: hostile }, []);
    expect(comment?.body.length).toBeLessThan(65_536);
    const fences = comment?.body.match(/^`{5}$/gm);
    expect(fences).toHaveLength(4);
    expect(
      comment?.body
        .split(/^`{5}$/m)
        .filter((_, index) => index % 2 === 0)
        .join(),
    ).not.toContain('@everybody');
  });
});
