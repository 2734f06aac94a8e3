import { ConversationManager, type ConversationManagerReduceOptions } from '@strands-agents/sdk';
import { dropOlderHalf } from './conversation-window.ts';

/** Forgets the older half of the conversation, as often as the model says that it is too long to read. */
export class OverflowManager extends ConversationManager {
  override readonly name = 'older-half';

  override reduce({ agent }: ConversationManagerReduceOptions): boolean {
    return dropOlderHalf(agent.messages);
  }
}
