type WithoutUndefined<TObject> = {
  [TKey in keyof TObject]: Exclude<TObject[TKey], undefined>;
};

/** zod gives optional fields the type `T | undefined`; repositories take them absent or set. */
export function withoutUndefined<TObject extends object>(value: TObject): WithoutUndefined<TObject> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as WithoutUndefined<TObject>;
}
