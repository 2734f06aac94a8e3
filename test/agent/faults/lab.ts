import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleAgent } from '../support/bundle-agent.ts';
import { selfSigned } from '../support/certificate.ts';
import { type HttpServer, startHttpServer } from '../support/http-server.ts';
import { RunningAgent } from '../support/running-agent.ts';
import { chunk, type Script, stream } from '../support/scripted-model.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { apiKey, type Place, settings } from './fault.ts';
import { MisbehavingServer } from './misbehaving-server.ts';

/** An agent beside a place that misbehaves. */
export interface Bench {
  readonly agent: RunningAgent;
  /** Counts, and does what a row says; undefined where the fault is that nobody is there. */
  readonly server: MisbehavingServer | undefined;
  /** Lets the place behave well; undefined where it never can. */
  readonly mend: (() => Promise<void>) | undefined;
}

/** All that the table needs. */
export interface Lab {
  readonly benches: Readonly<Record<Place, Bench>>;
  close(): Promise<void>;
}

/** What both answer where no row says otherwise. */
export const wellAnswer = 'All is well.';
const modelAnswers: Script = stream(chunk({ content: wellAnswer }), chunk({}, 'stop'));
const json =
  (body: object): Script =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

export async function openLab(): Promise<Lab> {
  const folder = temporaryFolder();
  bundleAgent(folder.path);
  const servers: HttpServer[] = [];
  const serve = async (...[listener, options]: Parameters<typeof startHttpServer>) => {
    const server = await startHttpServer(listener, options);
    servers.push(server);
    return server;
  };
  const model = new MisbehavingServer(modelAnswers);
  const identity = new MisbehavingServer(json({ apiKey }));
  const { url: modelUrl } = await serve(model.listener);
  const { url: identityUrl } = await serve(identity.listener);
  const start = (env: Readonly<Record<string, string>> = {}) =>
    RunningAgent.start(folder.path, {
      OPENAI_MODEL_ID: 'model-of-the-test',
      MODEL_TIMEOUT_SECONDS: String(settings.model),
      ANSWER_TIMEOUT_SECONDS: String(settings.answer),
      IDENTITY_TIMEOUT_SECONDS: String(settings.identity),
      OPENAI_BASE_URL: `${modelUrl}/v1`,
      AWS_ENDPOINT_URL: identityUrl,
      HOME: folder.path,
      ...env,
    });
  const ready = async () => {};

  const modelPort = await freePort();
  const identityPort = await freePort();
  const trusted = selfSigned();
  const trustedFile = join(folder.path, 'trusted.pem');
  writeFileSync(trustedFile, trusted.cert);
  const secret = await serve(model.listener, { tls: selfSigned() });
  let credentialsCome = false;
  const credentials = await serve((_request, response) => {
    if (!credentialsCome) return;
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    json({ AccessKeyId: 'AKIATEST', SecretAccessKey: 'secret', Token: 'token', Expiration })(_request, response);
  });

  const [atModel, atIdentity, noModel, noTrust, noName, noIdentity, noCredentials] = await Promise.all([
    start(),
    start(),
    start({ OPENAI_BASE_URL: `http://127.0.0.1:${modelPort}/v1` }),
    start({ OPENAI_BASE_URL: `${secret.url}/v1`, NODE_EXTRA_CA_CERTS: trustedFile }),
    // Longer than a name can be, so that no resolver has to be asked.
    start({ OPENAI_BASE_URL: `https://${'x'.repeat(64)}.invalid/v1` }),
    start({ AWS_ENDPOINT_URL: `http://127.0.0.1:${identityPort}` }),
    start({ AWS_ACCESS_KEY_ID: '', AWS_CONTAINER_CREDENTIALS_FULL_URI: credentials.url }),
  ]);
  const benches: Readonly<Record<Place, Bench>> = {
    model: { agent: atModel, server: model, mend: ready },
    identity: { agent: atIdentity, server: identity, mend: ready },
    'model that refuses connections': {
      agent: noModel,
      server: undefined,
      mend: async () => void (await serve(model.listener, { port: modelPort })),
    },
    'model without a trusted certificate': {
      agent: noTrust,
      server: model,
      mend: async () => secret.present(trusted),
    },
    'model whose name does not exist': { agent: noName, server: undefined, mend: undefined },
    'identity that refuses connections': {
      agent: noIdentity,
      server: undefined,
      mend: async () => void (await serve(identity.listener, { port: identityPort })),
    },
    'credentials of the role': {
      agent: noCredentials,
      server: undefined,
      mend: async () => {
        credentialsCome = true;
      },
    },
  };
  return {
    benches,
    async close() {
      await Promise.all(Object.values(benches).map(({ agent }) => agent.stop()));
      await Promise.all(servers.map((server) => server.close()));
      folder.remove();
    },
  };
}

async function freePort(): Promise<number> {
  const server = await startHttpServer(() => {});
  await server.close();
  return Number(new URL(server.url).port);
}
