export type EngineFaultCode =
  | 'ENGINE_UNAVAILABLE'
  | 'EXECUTOR_TAKEN'
  | 'QUEUE_FULL'
  | 'UNKNOWN_WORKFLOW'
  | 'WORKFLOW_CANCELLED'
  | 'WORKFLOW_FAILED';

/** What JSON can hold: inputs, outputs, signals and states of workflows survive a crash as JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a workflow may ask of the engine that runs it. */
export interface WorkflowContext {
  readonly workflowId: string;
  /** Fires when the workflow is cancelled or the engine stops; work in progress must end then. */
  readonly signal: AbortSignal;
  /** Runs once and remembers the answer: a workflow that is run again gets it back. Side effects are at least once. */
  step<T extends Json>(name: string, run: () => Promise<T>): Promise<T>;
  /** The next value sent to this workflow on a topic; null when none came in time. */
  receive(topic: string, timeoutMs: number): Promise<Json>;
  /** Sets what `Engine.state` answers for this workflow. */
  emit(key: string, value: Json): Promise<void>;
}

/** Deterministic but for its steps. What it throws ends it as `failed`. */
export type Workflow = (input: Json, context: WorkflowContext) => Promise<Json>;

/** Two queues, no more (design engine.md): `tasks` for governing, `work` for agents, partitioned by lane. */
export type QueueName = 'tasks' | 'work';

export interface StartOptions {
  /** Starting the same id again is the same workflow: nothing happens. */
  readonly id: string;
  readonly queue: QueueName;
  /** Required for `work`: at most one workflow of a lane runs at a time. An agent with concurrency n has n lanes. */
  readonly lane?: string;
  /** 1 is the most urgent; 1000 the least. */
  readonly priority?: number;
  /** Not started before that many milliseconds have gone by. */
  readonly delayMs?: number;
}

export type WorkflowState = 'enqueued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface WorkflowStatus {
  readonly id: string;
  readonly name: string;
  readonly state: WorkflowState;
  readonly executor: string | null;
  readonly queue: QueueName | null;
  readonly lane: string | null;
  readonly createdMs: number;
}

/** Durable execution. `start` makes this process a worker; without it, it is a client that may enqueue and look. */
export interface Engine {
  /** Before `start`, in every process that runs workflows of that name. */
  register(name: string, workflow: Workflow): void;
  /** Runs every `everyMs` on one worker at a time, from `start` on. Misses are skipped, not made up for. */
  schedule(name: string, everyMs: number, run: (signal: AbortSignal) => Promise<void>): void;
  /** Takes an executor slot, recovers its workflows, takes over those of dead executors, then serves both queues. */
  start(): Promise<{ readonly executor: string }>;
  /** @throws QUEUE_FULL with a time to try again in its `mend`; never loses silently */
  enqueue(name: string, input: Json, options: StartOptions): Promise<void>;
  /** At least once; a repeated key is delivered once. @throws UNKNOWN_WORKFLOW */
  send(workflowId: string, topic: string, value: Json, key: string): Promise<void>;
  /** What the workflow emitted last under the key; null when nothing yet. */
  state(workflowId: string, key: string): Promise<Json>;
  /** The workflow's answer. @throws WORKFLOW_FAILED, WORKFLOW_CANCELLED, UNKNOWN_WORKFLOW, null after `timeoutMs` */
  result(workflowId: string, timeoutMs: number): Promise<Json>;
  /** Nothing happens to one that has ended. Its signal fires within 1 s, whichever process runs it. */
  cancel(workflowId: string): Promise<void>;
  /** Runs a cancelled or failed workflow on from its last step. @throws UNKNOWN_WORKFLOW */
  resume(workflowId: string): Promise<void>;
  /** A new workflow that remembers the steps before `fromStep` (counted from 0). @throws UNKNOWN_WORKFLOW */
  fork(workflowId: string, fromStep: number, newId: string): Promise<void>;
  list(filter?: {
    readonly states?: readonly WorkflowState[];
    readonly prefix?: string;
  }): Promise<readonly WorkflowStatus[]>;
  /** Workflows that wait in each queue. */
  backlog(): Promise<Readonly<Record<QueueName, number>>>;
  /** Lets running workflows end for `graceMs`, then leaves them to be recovered. Safe to call twice. */
  stop(graceMs?: number): Promise<void>;
}
