// The design systems ship no types; what we use of them is small.
declare module "govuk-frontend" {
    export function initAll(config?: object): void;
}
declare module "@ministryofjustice/frontend" {
    export function initAll(config?: object): void;
}
