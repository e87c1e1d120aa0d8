Feature: Automation may do more once its record shows that people agree with it

  Background:
    Given payments-api crash-loops in production after a release
    And the policy data lives in the GitOps repository
    And it is next Tuesday 09:00 in UTC
    And payments is in the phase approve all

  @rule:autonomy/earned
  Scenario: A good record that is short shows too little
    Given people judged 3 of its decisions right and none wrong
    When alice asks for the next phase of payments for crash-loop
    Then it is refused: "people judged 3 decisions here"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:autonomy/earned
  Scenario: A long record that people disagree with shows the contrary
    Given people judged 30 of its decisions right and 20 refusals of it wrong
    When alice asks for the next phase of payments for crash-loop
    Then it is refused: "people agreed with at least 46 %"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:tier/base
  Scenario: What is earned is asked of people, with the figures before them
    Given people judged 40 of its decisions right and none wrong
    When alice asks for the next phase of payments for crash-loop
    Then it waits for one person of team:team-payments
    And the pull request says "people agreed with 40 of 40 judged decisions"
    And the policy data would say safe alone for payments and crash-loop
    And nothing was merged

  @rule:action/kind_for_proposer
  Scenario: Automation doesn't ask for more of itself
    Given people judged 40 of its decisions right and none wrong
    When the agent asks for the next phase of payments for crash-loop
    Then it is refused: "may not propose promote_autonomy"
    And nothing was opened, merged or spent, and nobody was told of a fix
