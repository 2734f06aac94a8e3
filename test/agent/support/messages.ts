import type { Turn } from '../../../agent/src/conversations.ts';

type Message = Turn['history'][number];
/** What a conversation is made of, as far as it matters who said it and with what kind of block. */
type Plain = Pick<Message, 'role'> & { readonly content: readonly { readonly type: string }[] };

const message = (plain: Plain) => plain as Message;

export const said = (role: 'user' | 'assistant', text: string) =>
  message({ role, content: [{ type: 'textBlock', text } as Message['content'][number]] });

export const toolUse = (toolUseId: string) =>
  message({ role: 'assistant', content: [{ type: 'toolUseBlock', toolUseId } as Message['content'][number]] });

export const toolResult = (toolUseId: string) =>
  message({ role: 'user', content: [{ type: 'toolResultBlock', toolUseId } as Message['content'][number]] });
