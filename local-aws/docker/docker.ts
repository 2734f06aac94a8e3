#!/usr/bin/env node
// A stand-in for the docker command, for a machine without one: name it in CDK_DOCKER. It does what the cdk command asks
// of docker, for a Dockerfile that only copies, and against local-aws only.
import { text } from 'node:stream/consumers';
import { runCommand } from './commands.ts';
import { Refusal } from './refusal.ts';

try {
  await runCommand(process.argv.slice(2), {
    environment: process.env,
    workingDirectory: process.cwd(),
    readInput: () => text(process.stdin),
    print: (line) => console.log(line),
  });
} catch (error) {
  console.error(error instanceof Refusal ? error.message : `The stand-in for docker has a bug: ${error}`);
  process.exitCode = 1;
}
