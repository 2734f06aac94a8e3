import type { Message } from '@strands-agents/sdk';
import { charactersOf, lastTurns, type WindowLimits } from './conversation-window.ts';
import { InvocationError } from './invocation-error.ts';
import { orAborted } from './or-aborted.ts';

/** What bounds the conversations in the memory of one process. */
export interface ConversationLimits extends WindowLimits {
  /** Prompts of one session that may wait for their turn. */
  readonly waiting: number;
  readonly sessions: number;
  /** Of all sessions together, as JSON. */
  readonly allCharacters: number;
}

/** The turn of one prompt in its conversation. */
export interface Turn {
  /** What was said before. */
  readonly history: readonly Message[];
  /** @param messages the whole conversation as it is after this turn; a turn that fails keeps nothing */
  keep(messages: readonly Message[]): void;
  /** Lets the next prompt of the session go; to be called in any case. */
  end(): void;
}

interface Session {
  messages: readonly Message[];
  characters: number;
  /** Turns that run or wait. */
  open: number;
  /** Settles when the last of them has ended. */
  last: Promise<void>;
}

/** The turn of a prompt outside of sessions: it has no history and leaves none. */
export const singleTurn: Turn = { history: [], keep: () => {}, end: () => {} };

/**
 * The conversations of all sessions, in memory. Prompts of one session are answered one after the other, in the order
 * in which they came; where memory ends, the session that was silent for longest is forgotten.
 */
export class Conversations {
  readonly #limits: ConversationLimits;
  /** The one that was silent for longest comes first. */
  readonly #sessions = new Map<string, Session>();
  #characters = 0;

  constructor(limits: ConversationLimits) {
    this.#limits = limits;
  }

  /**
   * Waits for the turn of a prompt.
   *
   * @param sessionId undefined for a prompt outside of sessions
   * @param signal ends the waiting, with its reason
   * @throws InvocationError SessionBusy if too many wait already
   */
  async begin(sessionId: string | undefined, signal: AbortSignal): Promise<Turn> {
    if (sessionId === undefined) return singleTurn;
    const session = this.#touch(sessionId);
    if (session.open > this.#limits.waiting) {
      throw new InvocationError(
        'SessionBusy',
        `The session has ${this.#limits.waiting} prompts waiting for their turn already.`,
      );
    }
    const before = session.last;
    const turn = Promise.withResolvers<void>();
    session.last = before.then(() => turn.promise);
    session.open++;
    const end = () => {
      turn.resolve();
      session.open--;
      if (session.open === 0 && session.messages.length === 0) this.#sessions.delete(sessionId);
    };
    try {
      await orAborted(before, signal);
    } catch (error) {
      end();
      throw error;
    }
    return { history: session.messages, keep: (messages) => this.#keep(sessionId, session, messages), end };
  }

  #touch(sessionId: string): Session {
    const session = this.#sessions.get(sessionId) ?? {
      messages: [],
      characters: 0,
      open: 0,
      last: Promise.resolve(),
    };
    this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, session);
    return session;
  }

  #keep(sessionId: string, session: Session, messages: readonly Message[]): void {
    this.#touch(sessionId);
    this.#characters -= session.characters;
    session.messages = lastTurns(messages, this.#limits);
    session.characters = charactersOf(session.messages);
    this.#characters += session.characters;
    this.#forgetSilentOnes();
  }

  #forgetSilentOnes(): void {
    for (const [sessionId, { open, characters }] of this.#sessions) {
      if (this.#characters <= this.#limits.allCharacters && this.#sessions.size <= this.#limits.sessions) return;
      if (open > 0) continue;
      this.#sessions.delete(sessionId);
      this.#characters -= characters;
    }
  }
}
