/** A column of a table: values in the order of its rows, null where there is none. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: 'STRING' | 'INT64' | 'DOUBLE' | 'JSON';
  readonly values: readonly (string | number | null)[];
}

/** Writes a table of columns of one length as an Apache Parquet file. */
export type WriteParquet = (columns: readonly ParquetColumn[]) => Promise<Uint8Array>;
