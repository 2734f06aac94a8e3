import type { AddressInfo } from 'node:net';
import type { App } from './app.ts';
import { consoleIntoLog } from './console.ts';
import { describeForLog } from './invocation-error.ts';
import { exitWithError, log } from './log.ts';
import { createAgentServer } from './server.ts';
import { type RuntimeSettings, readRuntimeSettings } from './settings.ts';
import { telemetryLoader } from './telemetry/load.ts';
import { SettingsError } from './variables.ts';

/**
 * How long what runs may take to finish after SIGTERM, in milliseconds. With the second that its callers then have to
 * read why it was ended, that is what `docker stop` waits.
 */
const graceMs = 9_000;
/** How long the heavy modules wait for the first ping to be answered, in milliseconds. */
const longestWaitForPingMs = 100;

consoleIntoLog();
const settings = readSettings();
let app: Promise<App> | undefined;
const loadTelemetry = telemetryLoader(settings);
const server = createAgentServer(loadApp, undefined, loadTelemetry);

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    log('error', event, { detail: describeForLog(error) });
  });
}
let stopping = false;
// Not once: without a listener, another signal would end the process at once, and what runs with it.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    void stop(signal);
  });
}

server.http.once('error', (error) => exitWithError(`The agent cannot listen: ${error.message}.`));
server.http.listen(settings.port, settings.host, () => {
  const { address, port } = server.http.address() as AddressInfo;
  log('info', 'listening', { address, port });
  // Loading keeps the process busy for a while. The first ping goes before it, if it comes soon.
  server.http.once('request', (_request, response) => response.once('close', () => void loadApp()));
  setTimeout(() => void loadApp(), longestWaitForPingMs);
});

function readSettings(): RuntimeSettings {
  try {
    return readRuntimeSettings(process.env);
  } catch (error) {
    if (error instanceof SettingsError) exitWithError(error.message);
    throw error;
  }
}

function loadApp(): Promise<App> {
  void loadTelemetry();
  app ??= import('./app.ts').then(
    ({ createApp }) => createApp(settings),
    (error: unknown) => exitWithError(`The agent cannot start: ${describeForLog(error)}`),
  );
  return app;
}

async function stop(signal: string): Promise<void> {
  log('info', 'stopping', { signal });
  await server.stop(graceMs);
  await (await loadTelemetry())?.stop();
  log('info', 'stopped');
  process.exit(0);
}
