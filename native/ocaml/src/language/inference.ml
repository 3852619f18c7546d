open Failure

let describe (term : Terms.t) =
  match term with
  | Variable index -> Printf.sprintf "$%d" index
  | Name name -> quoted name
  | Lambda _ -> "a lambda"
  | Application (Name name, _) -> Printf.sprintf "(%s …)" (quoted name)
  | Application _ -> "an application"
  | Inlined _ -> "an inlined abstraction"

let shown context ty =
  match Types.apply context ty with
  | ty -> quoted (Types.to_string (Types.canonical ty))
  | exception Types.Too_large -> "a type too large to print"

let infer_in context ~type_of_name term =
  let unify ~where expected actual =
    match Types.unify context expected actual with
    | () -> ()
    | exception Types.Clash _ ->
      error Type "%s: %s is not %s" (where ()) (shown context actual) (shown context expected)
  in
  let rec infer environment (term : Terms.t) =
    match term with
    | Variable index -> begin
      match List.nth_opt environment index with
      | Some ty -> ty
      | None -> error Type "$%d is bound by no lambda" index
    end
    | Name name -> begin
      match type_of_name name with
      | Some ty -> Types.instantiate context ty
      | None -> begin
        match Literal.typed name with
        | Some ty -> ty
        | None -> error Unknown_primitive "%s is not in the library" (quoted name)
      end
    end
    | Lambda body ->
      let parameter = Types.fresh context in
      let result = infer (parameter :: environment) body in
      Types.arrow parameter result
    | Inlined body -> infer [] body
    | Application (f, arguments) ->
      let apply (position, ty) argument =
        let where () = Printf.sprintf "argument %d of %s" position (describe f) in
        let parameter, result =
          match Types.head context ty with
          | Constructor ("->", [ parameter; result ]) -> (parameter, result)
          | ty ->
            let parameter = Types.fresh context and result = Types.fresh context in
            let where () = Printf.sprintf "%s, given argument %d" (describe f) position in
            unify ~where (Types.arrow parameter result) ty;
            (parameter, result)
        in
        unify ~where parameter (infer environment argument);
        (position + 1, result)
      in
      snd (List.fold_left apply (1, infer environment f) arguments)
  in
  infer [] term

let guarded f = try f () with Types.Too_large -> error Type "its type is too large"

let infer ~type_of_name term =
  guarded (fun () ->
      let context = Types.new_context 0 in
      let ty = infer_in context ~type_of_name term in
      Types.canonical (Types.apply context ty))

let check_by fits ~type_of_name term request =
  guarded (fun () ->
      let inferred = infer ~type_of_name term in
      if not (fits inferred request) then
        error Type "it has type %s, not %s" (quoted (Types.to_string inferred)) (quoted (Types.to_string request)))

let check ~type_of_name term request = check_by (fun general -> Types.is_instance ~general) ~type_of_name term request
let check_fits ~type_of_name term request = check_by Types.have_common_instance ~type_of_name term request
