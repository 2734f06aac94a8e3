import type { ApiKeySource } from './api-key.ts';
import { asInvocationError } from './invocation-error.ts';
import { log } from './log.ts';

/**
 * The key of a tool's service. What goes wrong with it is written into the log: the request goes on without the tool, and
 * the model, which is told that the tool failed, is not told what an operator needs to know.
 *
 * @param sessionId of the request
 */
export function toolKey(source: ApiKeySource, sessionId: string | undefined): ApiKeySource {
  async function reported(fetchKey: () => Promise<string>): Promise<string> {
    try {
      return await fetchKey();
    } catch (error) {
      const { code, message, detail } = asInvocationError(error);
      log('warn', 'tool has no key', { sessionId, code, reason: message, detail });
      throw error;
    }
  }
  return {
    keyName: source.keyName,
    remedy: source.remedy,
    get: () => reported(() => source.get()),
    replace(refused) {
      log('warn', 'tool key refused', { sessionId, reason: `A service refused ${source.keyName}. ${source.remedy}` });
      return reported(() => source.replace(refused));
    },
  };
}
