import { App, Stack } from 'aws-cdk-lib';

// An app that prints a key and writes another into its template: what the canary gives to `cdk --app` to be found out.
const keys = (await (await fetch(process.argv[2] ?? '')).json()) as Record<string, string>;
process.stderr.write(`the key is ${keys.cdkOutput}\n`);
const app = new App();
new Stack(app, 'Leak', { description: `the key is ${keys.assembly}` });
app.synth();
