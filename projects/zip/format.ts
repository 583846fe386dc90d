/** The parts of a ZIP file that both writer and reader speak of. Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.4. */

export const LOCAL_HEADER = 0x04034b50;
export const CENTRAL_HEADER = 0x02014b50;
export const END_OF_CENTRAL = 0x06054b50;
/** Bytes of the headers before their names. */
export const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
/** Offsets and sizes beyond it need ZIP64, which is not spoken here. */
export const MOST_BYTES = 0xffff_fffe;
export const MOST_ENTRIES = 0xfffe;

export const STORED = 0;
export const DEFLATED = 8;
/** General purpose flags: names are UTF-8. */
export const UTF8_NAMES = 0x0800;
/** 1980-01-01 00:00, the earliest the format knows: equal content, equal bytes. */
export const DOS_DATE = 0x0021;
