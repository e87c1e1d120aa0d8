Feature: Who takes over is told, and finds what was known

  Scenario: An incident that is handed to people comes with its package
    Given payments-api crash-loops in production after a release
    When the agent proposes to escalate payments-api
    Then people were told that it was escalated
    And the hand-over says "agent:triage handed it to people"
    And the hand-over says "Telemetry as it was"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: What was refused stands in it with its rules
    Given payments-api crash-loops in production after a release
    When the agent proposes to delete the volume of payments-db
    Then the hand-over says "delete_resource was refused"
    And the hand-over says "reversibility/data_loss"
    And nobody was told that it was escalated
    And nothing was opened, merged or spent, and nobody was told of a fix
