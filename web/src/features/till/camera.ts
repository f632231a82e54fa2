/** What browsers that read codes offer; not in the types of TypeScript yet. */
export type Detector = { detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]> };

type WithDetector = { BarcodeDetector?: new (options: { formats: string[] }) => Detector };

/** Whether this browser reads codes by its camera. */
export function canScan(): boolean {
  return 'BarcodeDetector' in window && Boolean(navigator.mediaDevices?.getUserMedia);
}

/** A reader of QR codes. */
export function detector(): Detector | null {
  const Made = (window as unknown as WithDetector).BarcodeDetector;
  return Made ? new Made({ formats: ['qr_code'] }) : null;
}
