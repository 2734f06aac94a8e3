import { type ChildProcess, spawn } from 'node:child_process';

// Reads "+ GROUP" and "- GROUP" until its input ends, which it does however this process dies, and then ends what is
// left. A shell, because it costs one megabyte and a few milliseconds.
const script = `
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
`;

const watched = new Set<number>();
let shell: ChildProcess | undefined;

/** Makes sure that a process group dies when this process does, even when this process is killed. */
export function watchGroup(group: number): void {
  if (!shell) {
    shell = spawn('/bin/sh', ['-c', script], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
      cwd: '/',
      detached: true,
    });
    shell.on('error', () => {});
    shell.stdin?.on('error', () => {});
    shell.unref();
    (shell.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  }
  watched.add(group);
  shell.stdin?.write(`+ ${group}\n`);
}

/** Called when a process group is gone; the watcher itself goes with the last one. */
export function unwatchGroup(group: number): void {
  if (!watched.delete(group)) return;
  shell?.stdin?.write(`- ${group}\n`);
  if (watched.size > 0) return;
  shell?.stdin?.end();
  shell = undefined;
}
