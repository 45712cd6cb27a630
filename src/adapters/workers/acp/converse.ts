import {
  type ClientContext,
  type InitializeResponse,
  type NewSessionResponse,
  PROTOCOL_VERSION,
  RequestError,
  methods,
} from '@agentclientprotocol/sdk';
import type { AcpFace } from '../programs/program.js';

/** What kept a conversation from coming to its end, in words for a person. */
export class ConversationFault extends Error {
  override readonly name = 'ConversationFault';
  /** The agent wants its user to sign in. */
  readonly isAboutKey: boolean;

  constructor(message: string, options: { readonly isAboutKey?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.isAboutKey = options.isAboutKey ?? false;
  }
}

/** A session that is open. */
export interface OpenedSession {
  readonly sessionId: string;
  /** By what the agent says of itself; null when it says nothing. */
  readonly version: string | null;
}

/** Cold starts on small machines take their time; an agent that says nothing for longer will not. */
const patienceMs = 60_000;
const authRequired = -32_000;

/** Shakes hands, and opens a session in the clone. @throws ConversationFault */
export async function openSession(
  agent: ClientContext,
  folder: string,
  face: Pick<Partial<AcpFace>, 'sessionModes' | 'authMethods'>,
): Promise<OpenedSession> {
  const greeting = await within(
    'initialize',
    agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientInfo: { name: 'arbiter', title: 'Arbiter', version: '1' },
      clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: true },
    }),
  );
  if (greeting.protocolVersion !== PROTOCOL_VERSION) {
    throw new ConversationFault(
      `it speaks version ${greeting.protocolVersion} of the protocol, not ${PROTOCOL_VERSION}`,
    );
  }
  const session = await beginSession(agent, folder, greeting, face.authMethods ?? []);
  const offered = session.modes?.availableModes.map(({ id }) => id) ?? [];
  const modeId = face.sessionModes?.find((mode) => offered.includes(mode));
  if (modeId !== undefined && modeId !== session.modes?.currentModeId) {
    await within(
      'session/set_mode',
      agent.request(methods.agent.session.setMode, { sessionId: session.sessionId, modeId }),
    );
  }
  return { sessionId: session.sessionId, version: greeting.agentInfo?.version ?? null };
}

async function beginSession(
  agent: ClientContext,
  folder: string,
  greeting: InitializeResponse,
  authMethods: readonly string[],
): Promise<NewSessionResponse> {
  const begin = (): Promise<NewSessionResponse> =>
    within('session/new', agent.request(methods.agent.session.new, { cwd: folder, mcpServers: [] }));
  try {
    return await begin();
  } catch (error) {
    const offered = greeting.authMethods?.map(({ id }) => id) ?? [];
    const methodId = authMethods.find((id) => offered.includes(id));
    if (!(error instanceof ConversationFault) || !error.isAboutKey || methodId === undefined) throw error;
    await within('authenticate', agent.request(methods.agent.authenticate, { methodId }));
    return begin();
  }
}

/** Asks, and answers why the agent stopped. It may take as long as the bounds of the room allow. @throws ConversationFault */
export async function promptAgent(agent: ClientContext, sessionId: string, text: string): Promise<string> {
  const asked = agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text }] });
  const { stopReason } = await within('session/prompt', asked, null);
  return stopReason;
}

async function within<T>(method: string, answer: Promise<T>, ms: number | null = patienceMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    if (ms === null) return;
    timer = setTimeout(() => reject(new ConversationFault(`it did not answer ${method} within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const said = `it answered ${method} with error ${error.code}: ${error.message}${detailOf(error.data)}`;
    throw new ConversationFault(said, { isAboutKey: error.code === authRequired, cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Agents put what matters into `data` when the message says "Internal error". */
function detailOf(data: unknown): string {
  if (data === undefined || data === null) return '';
  return ` (${(typeof data === 'string' ? data : JSON.stringify(data)).slice(0, 400)})`;
}
