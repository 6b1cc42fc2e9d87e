/** What is wrong with one record, as a sentence fragment; becomes part of an {@link InvalidRecordError}. */
export class RecordFault extends Error {
  override readonly name = "RecordFault";
}
