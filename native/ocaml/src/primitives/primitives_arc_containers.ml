open Arc_containers

let table =
  let row name implementation doc rows = Arc_signatures.overloads name implementation ~doc rows in
  List.concat
    [
      row "identity" (Unary Fun.id) "the argument itself" [ ("", "t0 -> t0", "(identity TWO)", "2") ];
      row "cast" (Unary Fun.id) "the argument itself, at another type: for programs that types cannot follow"
        [ ("", "t0 -> t1", "(add.int ONE (cast T))", "2") ];
      row "equality" (Binary (fun a b -> Values.of_bool (Values.equal a b))) "whether both are equal"
        [ ("", "t0 -> t0 -> bool", "(equality UP DOWN)", "false") ];
      row "contained" (Binary contained) "whether the first is in the second"
        [
          ("list", "t0 -> list(t0) -> bool", "(contained.list TWO (interval ZERO THREE ONE))", "true");
          ("set", "t0 -> set(t0) -> bool", "(contained.set UNITY (dneighbors ORIGIN))", "false");
          ("pair", "t0 -> pair(t0,t0) -> bool", "(contained.pair ONE UP_RIGHT)", "true");
        ];
      row "combine" (Binary combine) "the elements of both"
        [
          ( "list", "list(t0) -> list(t0) -> list(t0)",
            "(combine.list (repeat.list ONE TWO) (interval ZERO TWO ONE))", "[1,1,0,1]" );
          ("set", "set(t0) -> set(t0) -> set(t0)", "(combine.set (initset TWO) (initset ONE))", "[1,2]");
          ("pair", "pair(t0,t0) -> pair(t0,t0) -> list(t0)", "(combine.pair UP DOWN)", "[-1,0,1,0]");
          ( "pair_list", "pair(t0,t0) -> list(t0) -> list(t0)",
            "(combine.pair_list UP (repeat.list TWO ONE))", "[-1,0,2]" );
          ( "grid", "tgrid -> tgrid -> tgrid",
            "(combine.grid $0 (hmirror.grid $0))", "[[0,2,2],[0,0,1],[0,0,1],[0,2,2]]" );
        ];
      row "intersection" (Binary intersection) "what is in both sets"
        [ ("", "set(t0) -> set(t0) -> set(t0)", "(intersection (dneighbors ORIGIN) (dneighbors UNITY))", "[[0,1],[1,0]]") ];
      row "difference" (Binary difference) "what is in the first but not in the second"
        [
          ( "set", "set(t0) -> set(t0) -> set(t0)",
            "(difference.set (dneighbors ORIGIN) (dneighbors UNITY))", "[[-1,0],[0,-1]]" );
          ( "list", "list(t0) -> list(t0) -> list(t0)",
            "(difference.list (interval ZERO FIVE ONE) (interval ONE FOUR ONE))", "[0,4]" );
        ];
      row "initset" (Unary (fun value -> Arc_kinds.set [| value |])) "the set of one element" [ ("", "t0 -> set(t0)", "(initset TWO)", "[2]") ];
      row "insert" (Binary insert) "the set and the element" [ ("", "t0 -> set(t0) -> set(t0)", "(insert ONE (initset TWO))", "[1,2]") ];
      row "remove" (Binary remove) "the second without the first"
        [
          ("list", "t0 -> list(t0) -> list(t0)", "(remove.list ONE (interval ZERO THREE ONE))", "[0,2]");
          ("set", "t0 -> set(t0) -> set(t0)", "(remove.set UP (dneighbors ORIGIN))", "[[0,-1],[0,1],[1,0]]");
          ("grid", "list(int) -> tgrid -> tgrid", "(remove.grid (first.grid $0) $0)", "[[0,0,1]]");
        ];
      row "first" (Unary first) "the first element"
        [
          ("list", "list(t0) -> t0", "(first.list (interval ONE THREE ONE))", "1");
          ("set", "set(t0) -> t0", "(first.set (dneighbors ORIGIN))", "[-1,0]");
          ("pair", "pair(t0,t1) -> t0", "(first.pair UP_RIGHT)", "-1"); ("grid", "tgrid -> list(int)", "(first.grid $0)", "[0,2,2]");
        ];
      row "last" (Unary last) "the last element"
        [
          ("list", "list(t0) -> t0", "(last.list (interval ONE THREE ONE))", "2");
          ("set", "set(t0) -> t0", "(last.set (dneighbors ORIGIN))", "[1,0]");
          ("pair", "pair(t0,t1) -> t1", "(last.pair UP_RIGHT)", "1"); ("grid", "tgrid -> list(int)", "(last.grid $0)", "[0,0,1]");
        ];
      row "other" (Binary other) "the first element that is not the second argument"
        [
          ("list", "list(t0) -> t0 -> t0", "(other.list (interval ZERO TWO ONE) ZERO)", "1");
          ("set", "set(t0) -> t0 -> t0", "(other.set (palette.grid $0) ZERO)", "1");
          ("pair", "pair(t0,t0) -> t0 -> t0", "(other.pair DOWN ONE)", "0");
        ];
      row "size" (Unary size) "how many elements there are, of a grid how many rows"
        [
          ("list", "list(t0) -> int", "(size.list (interval ZERO THREE ONE))", "3"); ("set", "set(t0) -> int", "(size.set (ofcolor $0 ZERO))", "3");
          ("pair", "pair(t0,t0) -> int", "(size.pair UP)", "2"); ("grid", "tgrid -> int", "(size.grid $0)", "2");
        ];
      row "merge" (Unary merged) "the elements of all elements, a set if the container or an element is one"
        [
          ("list", "list(list(t0)) -> list(t0)", "(merge.list (repeat.list (interval ZERO TWO ONE) TWO))", "[0,1,0,1]");
          ( "set", "set(set(t0)) -> set(t0)",
            "(merge.set (initset (dneighbors ORIGIN)))", "[[-1,0],[0,-1],[0,1],[1,0]]" );
          ("set_list", "set(list(t0)) -> set(t0)", "(merge.set_list (initset (repeat.list ONE TWO)))", "[1]");
          ("list_set", "list(set(t0)) -> set(t0)", "(merge.list_set (repeat.list (initset ONE) TWO))", "[1]");
          ("grids", "list(tgrid) -> tgrid", "(merge.grids (vsplit $0 TWO))", "[[0,2,2],[0,0,1]]");
          ("pair", "pair(set(t0),set(t0)) -> set(t0)", "(merge.pair (astuple (initset ONE) (initset TWO)))", "[1,2]");
        ];
      row "dedupe" (Unary dedupe) "each element once, in the order in which they come first"
        [
          ("list", "list(t0) -> list(t0)", "(dedupe.list (repeat.list ONE THREE))", "[1]");
          ("grid", "tgrid -> tgrid", "(dedupe.grid (combine.grid $0 $0))", "[[0,2,2],[0,0,1]]");
        ];
      row "order" (Binary order) "the elements sorted by what the function says of them, equal ones as they were"
        [
          ( "list", "list(t0) -> (t0 -> int) -> list(t0)",
            "(order.list (interval ZERO THREE ONE) invert.int)", "[2,1,0]" );
          ("set", "set(t0) -> (t0 -> int) -> list(t0)", "(order.set (palette.grid $0) invert.int)", "[2,1,0]");
        ];
      row "totuple" (Unary totuple) "the set's elements as a list, in order" [ ("", "set(t0) -> list(t0)", "(totuple (palette.grid $0))", "[0,1,2]") ];
      row "repeat" (Binary repeat) "the element so many times"
        [
          ("list", "t0 -> int -> list(t0)", "(repeat.list ONE TWO)", "[1,1]");
          ("row", "list(int) -> int -> tgrid", "(repeat.row (interval ZERO TWO ONE) TWO)", "[[0,1],[0,1]]");
        ];
      row "interval" (Ternary interval) "the integers from the first on, before the second, in steps of the third"
        [ ("", "int -> int -> int -> list(int)", "(interval ONE SIX TWO)", "[1,3,5]") ];
      row "astuple" (Binary Arc_kinds.pair) "a pair of two" [ ("", "t0 -> t1 -> pair(t0,t1)", "(astuple ONE UP)", "[1,[-1,0]]") ];
      row "product" (Binary product) "all pairs of an element of the first and one of the second"
        [
          ( "list", "list(t0) -> list(t1) -> set(pair(t0,t1))",
            "(product.list (interval ZERO TWO ONE) (interval TWO FOUR ONE))", "[[0,2],[0,3],[1,2],[1,3]]" );
          ( "list_set", "list(t0) -> set(t1) -> set(pair(t0,t1))",
            "(product.list_set (interval ZERO TWO ONE) (initset TWO))", "[[0,2],[1,2]]" );
          ( "set_list", "set(t0) -> list(t1) -> set(pair(t0,t1))",
            "(product.set_list (initset TWO) (interval ZERO TWO ONE))", "[[2,0],[2,1]]" );
          ("set", "set(t0) -> set(t1) -> set(pair(t0,t1))", "(product.set (initset TWO) (initset UP))", "[[2,[-1,0]]]");
        ];
      row "pair" (Binary (zipped Arc_kinds.pair)) "the pairs of the first elements, of the second ones, and so on"
        [ ("", "list(t0) -> list(t1) -> list(pair(t0,t1))", "(pair (interval ZERO TWO ONE) (repeat.list T TWO))", "[[0,true],[1,true]]") ];
      row "branch" Conditional "the second argument if the first is true, else the third; only that one is evaluated"
        [ ("", "bool -> t0 -> t0 -> t0", "(branch (even TWO) UP DOWN)", "[-1,0]") ];
      row "maximum" (Unary maximum) "the greatest element, zero of nothing"
        [
          ("list", "list(int) -> int", "(maximum.list (interval ZERO THREE ONE))", "2");
          ("set", "set(int) -> int", "(maximum.set (palette.grid $0))", "2"); ("pair", "pair(int,int) -> int", "(maximum.pair (shape.grid $0))", "3");
        ];
      row "minimum" (Unary minimum) "the least element, zero of nothing"
        [
          ("list", "list(int) -> int", "(minimum.list (interval ONE THREE ONE))", "1");
          ("set", "set(int) -> int", "(minimum.set (palette.grid $0))", "0"); ("pair", "pair(int,int) -> int", "(minimum.pair (shape.grid $0))", "2");
        ];
      row "valmax" (Binary (value 1)) "the greatest value of the function, its value of zero for nothing"
        [
          ("list", "list(t0) -> (t0 -> int) -> int", "(valmax.list (interval ZERO THREE ONE) double.int)", "4");
          ("set", "set(t0) -> (t0 -> int) -> int", "(valmax.set (fgpartition $0) size.set)", "2");
          ( "list_pair", "list(t0) -> (t0 -> pair(int,int)) -> pair(int,int)",
            "(valmax.list_pair (interval ZERO THREE ONE) toivec)", "[2,0]" );
          ( "set_pair", "set(t0) -> (t0 -> pair(int,int)) -> pair(int,int)",
            "(valmax.set_pair (fgpartition $0) ulcorner.object)", "[1,2]" );
        ];
      row "valmin" (Binary (value (-1))) "the least value of the function, its value of zero for nothing"
        [
          ("list", "list(t0) -> (t0 -> int) -> int", "(valmin.list (interval ONE THREE ONE) double.int)", "2");
          ("set", "set(t0) -> (t0 -> int) -> int", "(valmin.set (fgpartition $0) size.set)", "1");
          ( "list_pair", "list(t0) -> (t0 -> pair(int,int)) -> pair(int,int)",
            "(valmin.list_pair (interval ONE THREE ONE) toivec)", "[1,0]" );
          ( "set_pair", "set(t0) -> (t0 -> pair(int,int)) -> pair(int,int)",
            "(valmin.set_pair (fgpartition $0) ulcorner.object)", "[0,1]" );
        ];
      row "argmax" (Binary (argument 1)) "the element for which the function is greatest, of several the first"
        [
          ("list", "list(t0) -> (t0 -> int) -> t0", "(argmax.list (interval ZERO THREE ONE) invert.int)", "0");
          ( "set", "set(t0) -> (t0 -> int) -> t0",
            "(argmax.set (palette.grid $0) (lambda (colorcount.grid $1 $0)))", "0" );
          ( "list_pair", "list(t0) -> (t0 -> pair(int,int)) -> t0",
            "(argmax.list_pair (interval ZERO THREE ONE) toivec)", "2" );
          ( "set_pair", "set(t0) -> (t0 -> pair(int,int)) -> t0",
            "(argmax.set_pair (dneighbors ORIGIN) identity)", "[1,0]" );
        ];
      row "argmin" (Binary (argument (-1))) "the element for which the function is least, of several the first"
        [
          ("list", "list(t0) -> (t0 -> int) -> t0", "(argmin.list (interval ZERO THREE ONE) invert.int)", "2");
          ( "set", "set(t0) -> (t0 -> int) -> t0",
            "(argmin.set (palette.grid $0) (lambda (colorcount.grid $1 $0)))", "1" );
          ( "list_pair", "list(t0) -> (t0 -> pair(int,int)) -> t0",
            "(argmin.list_pair (interval ZERO THREE ONE) toivec)", "0" );
          ( "set_pair", "set(t0) -> (t0 -> pair(int,int)) -> t0",
            "(argmin.set_pair (dneighbors ORIGIN) identity)", "[-1,0]" );
        ];
      row "mostcommon" (Unary (common 1)) "the most frequent element, of several the least"
        [ ("list", "list(t0) -> t0", "(mostcommon.list (repeat.list ONE THREE))", "1");
          ("grid", "tgrid -> list(int)", "(mostcommon.grid (combine.grid $0 $0))", "[0,0,1]") ];
      row "leastcommon" (Unary (common (-1))) "the least frequent element, of several the least"
        [
          ("list", "list(t0) -> t0", "(leastcommon.list (repeat.list ONE THREE))", "1");
          ("grid", "tgrid -> list(int)", "(leastcommon.grid $0)", "[0,0,1]");
        ];
      row "sfilter" (Binary sfilter) "the elements for which the function is true"
        [
          ("list", "list(t0) -> (t0 -> bool) -> list(t0)", "(sfilter.list (interval ZERO FIVE ONE) even)", "[0,2,4]");
          ("set", "set(t0) -> (t0 -> bool) -> set(t0)", "(sfilter.set (palette.grid $0) positive)", "[1,2]");
          ( "grid", "tgrid -> (list(int) -> bool) -> tgrid",
            "(sfilter.grid $0 (lambda (contained.list ONE $0)))", "[[0,0,1]]" );
        ];
      row "mfilter" (Binary mfilter) "the elements of all elements for which the function is true"
        [
          ( "list", "list(set(t0)) -> (set(t0) -> bool) -> set(t0)",
            "(mfilter.list (totuple (fgpartition $0)) hline.object)", "[[2,[0,1]],[2,[0,2]],[1,[1,2]]]" );
          ( "set", "set(set(t0)) -> (set(t0) -> bool) -> set(t0)",
            "(mfilter.set (fgpartition $0) vline.object)", "[[1,[1,2]]]" );
          ( "lists", "list(list(t0)) -> (list(t0) -> bool) -> list(t0)",
            "(mfilter.lists (repeat.list (interval ZERO TWO ONE) TWO) (lambda T))", "[0,1,0,1]" );
        ];
      row "extract" (Binary extract) "the first element for which the function is true; an error without one"
        [
          ("list", "list(t0) -> (t0 -> bool) -> t0", "(extract.list (interval ONE FIVE ONE) even)", "2");
          ("set", "set(t0) -> (t0 -> bool) -> t0", "(extract.set (palette.grid $0) positive)", "1");
        ];
      row "sizefilter" (Binary sizefilter) "the elements with so many elements of their own"
        [
          ( "list", "list(set(t0)) -> int -> set(set(t0))",
            "(sizefilter.list (repeat.list (initset ONE) TWO) ONE)", "[[1]]" );
          ("set", "set(set(t0)) -> int -> set(set(t0))", "(sizefilter.set (fgpartition $0) ONE)", "[[[1,[1,2]]]]");
        ];
      row "apply" (Binary mapped) "the function of each element"
        [
          ( "list", "(t0 -> t1) -> list(t0) -> list(t1)",
            "(apply.list double.int (interval ZERO THREE ONE))", "[0,2,4]" );
          ("set", "(t0 -> t1) -> set(t0) -> set(t1)", "(apply.set size.set (fgpartition $0))", "[1,2]");
          ("pair", "(t0 -> t1) -> pair(t0,t0) -> pair(t1,t1)", "(apply.pair double.int UP)", "[-2,0]");
          ( "rows", "(list(int) -> list(int)) -> tgrid -> tgrid",
            "(apply.rows (lambda (order.list $0 invert.int)) $0)", "[[2,2,0],[1,0,0]]" );
          ("grid", "(list(int) -> t0) -> tgrid -> list(t0)", "(apply.grid mostcommon.list $0)", "[2,0]");
          ( "to_rows", "(t0 -> list(int)) -> list(t0) -> tgrid",
            "(apply.to_rows (lambda (repeat.list $0 TWO)) (interval ZERO TWO ONE))", "[[0,0],[1,1]]" );
        ];
      row "rapply" (Binary rapply) "of the second argument the value of each function"
        [
          ("list", "list(t0 -> t1) -> t0 -> list(t1)", "(rapply.list (repeat.list double.int TWO) THREE)", "[6,6]");
          ("set", "set(t0 -> t1) -> t0 -> set(t1)", "(rapply.set (initset double.int) THREE)", "[6]");
        ];
      row "mapply" (Binary mapply) "the elements of the function's values, a set if they or the elements are in sets"
        [
          ( "lists", "(t0 -> list(t1)) -> list(t0) -> list(t1)",
            "(mapply.lists (lambda (repeat.list $0 TWO)) (interval ZERO TWO ONE))", "[0,0,1,1]" );
          ( "list_set", "(t0 -> set(t1)) -> list(t0) -> set(t1)",
            "(mapply.list_set initset (interval ZERO TWO ONE))", "[0,1]" );
          ( "set_list", "(t0 -> list(t1)) -> set(t0) -> set(t1)",
            "(mapply.set_list (lambda (repeat.list $0 TWO)) (initset TWO))", "[2]" );
          ( "set", "(t0 -> set(t1)) -> set(t0) -> set(t1)",
            "(mapply.set identity (fgpartition $0))", "[[2,[0,1]],[2,[0,2]],[1,[1,2]]]" );
        ];
      row "papply" (Ternary papply) "the function of the first elements, of the second ones, and so on"
        [
          ( "list", "(t0 -> t1 -> t2) -> list(t0) -> list(t1) -> list(t2)",
            "(papply.list add.int (interval ZERO TWO ONE) (interval TWO FOUR ONE))", "[2,4]" );
          ( "grid", "(list(int) -> list(int) -> t0) -> tgrid -> tgrid -> list(t0)",
            "(papply.grid equality $0 (hmirror.grid $0))", "[false,false]" );
        ];
      row "mpapply" (Ternary (fun f a b -> merged (papply f a b))) "the elements of the function's values of the first elements, of the second ones, and so on"
        [
          ( "set", "(t0 -> t1 -> set(t2)) -> list(t0) -> list(t1) -> set(t2)",
            "(mpapply.set connect (repeat.list ORIGIN ONE) (repeat.list ZERO_BY_TWO ONE))", "[[0,0],[0,1],[0,2]]" );
          ( "list", "(t0 -> t1 -> list(t2)) -> list(t0) -> list(t1) -> list(t2)",
            "(mpapply.list repeat.list (interval ZERO TWO ONE) (repeat.list TWO TWO))", "[0,0,1,1]" );
          ( "pair", "(t0 -> t1 -> set(t2)) -> pair(t0,t0) -> pair(t1,t1) -> set(t2)",
            "(mpapply.pair connect (astuple ORIGIN UNITY) (astuple RIGHT UNITY))", "[[0,0],[0,1],[1,1]]" );
        ];
      row "prapply" (Ternary prapply) "the set of the function's values of each element of the first and each of the second"
        [
          ( "list", "(t0 -> t1 -> t2) -> list(t0) -> list(t1) -> set(t2)",
            "(prapply.list add.int (interval ZERO TWO ONE) (interval ZERO TWO ONE))", "[0,1,2]" );
          ( "list_set", "(t0 -> t1 -> t2) -> list(t0) -> set(t1) -> set(t2)",
            "(prapply.list_set add.int (interval ZERO TWO ONE) (initset TWO))", "[2,3]" );
          ( "set_list", "(t0 -> t1 -> t2) -> set(t0) -> list(t1) -> set(t2)",
            "(prapply.set_list add.int (initset TWO) (interval ZERO TWO ONE))", "[2,3]" );
          ( "set", "(t0 -> t1 -> t2) -> set(t0) -> set(t1) -> set(t2)",
            "(prapply.set add.int (initset TWO) (initset THREE))", "[5]" );
        ];
    ]
