/** What we use of pdfmake 0.3, which has no types of its own. */
declare module "pdfmake" {
  interface FontFiles {
    readonly normal: string;
    readonly bold: string;
    readonly italics: string;
    readonly bolditalics: string;
  }

  interface Pdf {
    getBuffer(): Promise<Uint8Array>;
  }

  const pdfmake: {
    setFonts(fonts: Readonly<Record<string, FontFiles>>): void;
    setUrlAccessPolicy(isAllowed: (url: string) => boolean): void;
    setLocalAccessPolicy(isAllowed: (path: string) => boolean): void;
    createPdf(definition: Readonly<Record<string, unknown>>): Pdf;
  };
  export default pdfmake;
}
