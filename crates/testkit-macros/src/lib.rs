//! The attribute behind `testkit::test_each_engine`.

use proc_macro::TokenStream;
use quote::{format_ident, quote};
use syn::{FnArg, ItemFn, Type, parse_macro_input};

/// Makes two tests of one: `on_sqlite` and `on_postgres`, in a module with the name of the function.
///
/// The function takes a `Store`, or a `&TestStore` when it wants the clock, the folder or to open the store again. It may be `async`.
#[proc_macro_attribute]
pub fn test_each_engine(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    let name = &function.sig.ident;
    let attributes = &function.attrs;
    let body_name = format_ident!("__{name}");
    let mut body = function.clone();
    body.attrs.clear();
    body.sig.ident = body_name.clone();

    let argument = match function.sig.inputs.first() {
        Some(FnArg::Typed(argument)) if function.sig.inputs.len() == 1 => argument,
        _ => {
            return syn::Error::new_spanned(
                &function.sig,
                "a test on each engine takes one argument: `store: Store` or `store: &TestStore`",
            )
            .to_compile_error()
            .into();
        }
    };
    let by_reference = matches!(&*argument.ty, Type::Reference(_));
    let call = match (by_reference, function.sig.asyncness.is_some()) {
        (true, false) => quote!(::testkit::stores::run(engine, stringify!(#name), |store| { super::#body_name(store); })),
        (false, false) => {
            quote!(::testkit::stores::run(engine, stringify!(#name), |store| { super::#body_name(store.store().clone()); }))
        }
        (false, true) => {
            quote!(::testkit::stores::run_async(engine, stringify!(#name), |store| super::#body_name(store)))
        }
        (true, true) => {
            return syn::Error::new_spanned(&function.sig, "an async test on each engine takes `store: Store`").to_compile_error().into();
        }
    };
    quote! {
        #[allow(clippy::unwrap_used, reason = "a test that panics has found what it looked for")]
        #body

        mod #name {
            #[test]
            #(#attributes)*
            fn on_sqlite() {
                let engine = ::testkit::stores::Engine::Sqlite;
                #call
            }

            #[test]
            #(#attributes)*
            fn on_postgres() {
                let engine = ::testkit::stores::Engine::Postgres;
                #call
            }
        }
    }
    .into()
}
