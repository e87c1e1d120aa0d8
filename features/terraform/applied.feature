Feature: The pipeline applies the plan that was approved, to the state it was made against, and nothing else

  Background:
    Given it is next Tuesday 09:00 in UTC
    And the workspace shop runs staging for team-payments
    And the pipeline brought a plan for shop that resizes a machine, made against state 41

  Scenario: Not before somebody approved it
    When the pipeline asks whether it may apply the plan for shop that resizes a machine, at state 41
    Then it may not be applied: "no plan of this workspace was ever approved"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: Approved, it is applied once
    When alice approves it
    And the pipeline asks whether it may apply the plan for shop that resizes a machine, at state 41
    Then it may be applied
    When the pipeline says that it applied the plan that resizes a machine, and the state is at 42
    Then the plan is done
    When the pipeline asks whether it may apply the plan for shop that resizes a machine, at state 42
    Then it may not be applied: "it is at 42 now"

  Scenario: Another plan isn't covered by it
    When alice approves it
    And the pipeline asks whether it may apply the plan for shop that resizes another machine, at state 41
    Then it may not be applied: "another plan was approved"

  Scenario: What was pushed past the gate approves nothing
    When alice approves it
    And somebody pushes past the gate that another machine of shop may be resized
    And the pipeline asks whether it may apply the plan for shop that resizes another machine, at state 41
    Then it may not be applied: "wasn't put there by the gate"

  Scenario: A state that didn't move shows that nothing was applied
    When alice approves it
    And the pipeline says that it applied the plan that resizes a machine, and the state is at 41
    Then the plan is still to be applied

  @rule:terraform/stale
  Scenario: A plan from before isn't proposed any more
    When alice approves it
    And the pipeline brings a plan for shop that resizes another machine, made against state 40
    Then it is refused: "a plan against a later state"
    And nothing was opened, merged or spent, and nobody was told of a fix
