import { type AfterToolCallEvent, TextBlock, ToolResultBlock } from '@strands-agents/sdk';
import { modelLimits } from './limits.ts';
import { redact } from './redact.ts';

/**
 * Cuts what a tool returned to a length that the model can read, and takes out of an error what looks like a key: a
 * tool that calls a service may quote in it what it called it with.
 */
export function boundToolResult(event: AfterToolCallEvent): void {
  const { toolUseId, status, content } = event.result;
  const text = content.map((block) => (block.type === 'textBlock' ? block.text : JSON.stringify(block))).join('\n');
  const safe = status === 'error' ? redact(text) : cut(text);
  if (safe === text) return;
  event.result = new ToolResultBlock({ toolUseId, status, content: [new TextBlock(safe)] });
}

function cut(text: string): string {
  const excess = text.length - modelLimits.toolResult;
  return excess > 0 ? `${text.slice(0, modelLimits.toolResult)}… (${excess} more characters are left out)` : text;
}
