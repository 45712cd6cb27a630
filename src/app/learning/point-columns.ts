import type { DataPoint } from '../../core/learning/data-point.js';
import type { ParquetColumn } from '../../ports/parquet.js';

type Cell = string | number | null;

/** Fields that every point has, then those of its outcome, then the whole point as JSON. */
const columns: readonly (readonly [name: string, type: ParquetColumn['type'], of: (point: DataPoint) => Cell])[] = [
  ['task_id', 'STRING', (point) => point.task_id],
  ['step', 'INT64', (point) => point.step],
  ['kind', 'STRING', (point) => point.kind],
  ['at_ms', 'INT64', (point) => point.at_ms],
  ['attempt', 'INT64', (point) => point.attempt],
  ['candidate', 'INT64', (point) => point.candidate],
  ['agent', 'STRING', (point) => point.agent],
  ['decision_id', 'STRING', (point) => point.decision_id],
  ['surface', 'STRING', (point) => point.surface],
  ['complexity', 'STRING', (point) => point.complexity],
  ['verdict', 'STRING', ofOutcome((outcome) => outcome.verdict)],
  ['reward', 'DOUBLE', ofOutcome((outcome) => outcome.reward)],
  ['arm_version', 'STRING', ofOutcome((outcome) => outcome.arm.version)],
  ['arm_model', 'STRING', ofOutcome((outcome) => outcome.arm.model)],
  ['cost_micro_usd', 'INT64', ofOutcome((outcome) => outcome.cost_micro_usd)],
  ['latency_ms', 'INT64', ofOutcome((outcome) => outcome.latency_ms)],
  ['first_token_ms', 'INT64', ofOutcome((outcome) => outcome.first_token_ms)],
  ['input_tokens', 'INT64', ofOutcome((outcome) => outcome.input_tokens)],
  ['output_tokens', 'INT64', ofOutcome((outcome) => outcome.output_tokens)],
  ['turns', 'INT64', ofOutcome((outcome) => outcome.turns)],
  ['tool_calls', 'INT64', ofOutcome((outcome) => outcome.tool_calls)],
  ['tool_turns', 'INT64', ofOutcome((outcome) => outcome.tool_turns)],
  ['unsupported_claims', 'INT64', ofOutcome((outcome) => outcome.unsupported_claims)],
  ['context_retained', 'DOUBLE', ofOutcome((outcome) => outcome.context_retained)],
  ['revision', 'INT64', ofOutcome((outcome) => outcome.revision)],
  ['point', 'JSON', (point) => JSON.stringify(point)],
];

type Outcome = Extract<DataPoint, { kind: 'outcome' }>['outcome'];

function ofOutcome(of: (outcome: Outcome) => Cell): (point: DataPoint) => Cell {
  return (point) => (point.kind === 'outcome' ? of(point.outcome) : null);
}

/** Data points as the columns of a table, a row a point. */
export function pointColumns(points: readonly DataPoint[]): readonly ParquetColumn[] {
  return columns.map(([name, type, of]) => ({ name, type, values: points.map(of) }));
}
