"""siting.law: rules as data, screened as predicate bits, judged and explained."""
