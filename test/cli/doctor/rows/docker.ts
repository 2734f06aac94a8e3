const says = (answer: object) => `echo '${JSON.stringify(answer)}'`;
const orCode = 'or set "artifact": "code" for the environment, which needs none.';

/** What is wrong with docker, a program of the shell that plays it (undefined: none), and the line of the doctor. */
export type DockerRow = readonly [what: string, script: string | undefined, line: string];

/** How long the doctor waits for these, in milliseconds. */
export const patience = 1000;

export const dockerRows: readonly DockerRow[] = [
  [
    'there is no Docker',
    undefined,
    `✗ artifact: There is no docker on this machine to build the image with. → Install Docker, or podman with CDK_DOCKER=podman; ${orCode}`,
  ],
  [
    'the daemon of Docker does not run',
    `${says({ Client: { Version: '27.0.1' }, Server: null })}; echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2; exit 1`,
    `✗ artifact: docker does not work: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running? → Start Docker (or podman machine start); ${orCode}`,
  ],
  [
    'the daemon of Docker hangs',
    'exec sleep 60',
    `✗ artifact: docker does not answer: its daemon hangs. → Restart it; ${orCode}`,
  ],
  [
    'Docker runs Windows containers',
    says({ Client: { Version: '27.0.1' }, Server: { Version: '27.0.3', Os: 'windows' } }),
    `✗ artifact: docker 27.0.3 runs Windows containers. → Switch it to Linux containers; ${orCode}`,
  ],
  [
    'Docker is too old',
    says({ Client: { Version: '19.03.15' }, Server: { Version: '19.03.15', Os: 'linux' } }),
    `✗ artifact: docker 19.03.15 is too old to build for linux/arm64 on any machine. → Install Docker 20.10 or later; ${orCode}`,
  ],
];

export const goodDockers: readonly DockerRow[] = [
  [
    'Docker',
    says({ Client: { Version: '27.0.1' }, Server: { Version: '27.0.3', Os: 'linux' } }),
    '✓ artifact: docker 27.0.3 answers, and can build the image for linux/arm64.',
  ],
  [
    'podman, which has no server',
    says({ Client: { Version: '4.9.3' } }),
    '✓ artifact: docker 4.9.3 answers, and can build the image for linux/arm64.',
  ],
];
