import type { WriteParquet } from '../../ports/parquet.js';

/**
 * Writes by hyparquet-writer, which is loaded with the first table. A column of 64-bit integers takes safe ones only; one of
 * JSON takes texts, and readers see values.
 */
export const writeParquet: WriteParquet = async (columns) => {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const cellOf = (type: (typeof columns)[number]['type'], value: string | number | null): unknown => {
    if (value === null) return null;
    if (type === 'INT64') return BigInt(value);
    return type === 'JSON' ? (JSON.parse(String(value)) as unknown) : value;
  };
  const bytes = parquetWriteBuffer({
    columnData: columns.map(({ name, type, values }) => ({
      name,
      type,
      nullable: true,
      data: values.map((value) => cellOf(type, value)),
    })),
  });
  return new Uint8Array(bytes);
};
